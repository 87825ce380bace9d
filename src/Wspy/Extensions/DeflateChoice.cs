namespace Wspy.Extensions;

/// <summary>Chooses which messages are worth compressing, or may be: what is packed already grows, and what is secret tells of itself by its size.</summary>
/// <param name="opcode">Text, binary, or one that an extension claims; with <see cref="DeflateFrame"/>, continuation as well.</param>
/// <param name="payload">The payload; of a message that is sent in fragments or as a stream the first fragment, and with <see cref="DeflateFrame"/> each. Valid during the call only.</param>
/// <returns>False to send it as it is (RFC 7692 §6); it leaves no trace in the context then.</returns>
public delegate bool DeflateChoice(Opcode opcode, ReadOnlySpan<byte> payload);
