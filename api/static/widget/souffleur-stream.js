// Reads the stream that answers one message of <souffleur-chat>: calls `kept` with the ids and the
// token as soon as the service has the message, and returns the reply, or {problem} where the
// service could not make one.

export async function readStream(body, kept) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	for (let text = ""; ;) {
		const { value, done } = await reader.read();
		if (done) return { problem: {} }; // the service went away; the message is kept and sent again
		const blocks = (text + value).split("\n\n");
		text = blocks.pop();
		for (const block of blocks) {
			const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block);
			if (name === "accepted") kept(JSON.parse(data));
			if (name === "final") return JSON.parse(data);
			if (name === "error") return { problem: JSON.parse(data) };
		}
	}
}
