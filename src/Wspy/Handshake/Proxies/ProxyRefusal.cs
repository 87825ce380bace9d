namespace Wspy.Handshake;

/// <summary>Why there is no way through a proxy, and what to do.</summary>
/// <param name="Failure">What is wrong.</param>
/// <param name="Message">A sentence for people, without credentials.</param>
internal sealed record ProxyRefusal(ProxyFailure Failure, string Message);
