namespace Wspy.Handshake;

/// <summary>Why a client does not accept a response.</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Message">A sentence for people; nothing that the peer sent is repeated in it, but for the status.</param>
/// <param name="HeadViolation">What is wrong with the head, when the reason is <see cref="HandshakeViolation.InvalidHead"/>.</param>
public sealed record HandshakeFailure(HandshakeViolation Reason, string Message, HttpViolation HeadViolation = HttpViolation.None);
