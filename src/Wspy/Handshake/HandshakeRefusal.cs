namespace Wspy.Handshake;

/// <summary>Why a server refuses a handshake, and what it answers.</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Message">A sentence for people, which also is the response's body; nothing that the peer sent is repeated in it.</param>
/// <param name="Response">The response to be sent, after which the connection ends.</param>
/// <param name="HeadViolation">What is wrong with the head, when the reason is <see cref="HandshakeViolation.InvalidHead"/>.</param>
public sealed record HandshakeRefusal(
    HandshakeViolation Reason, string Message, HttpResponse Response, HttpViolation HeadViolation = HttpViolation.None);
