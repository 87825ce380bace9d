namespace Wspy.Extensions;

/// <summary>An offer that a server accepts: what it answers, and what works on the connection then.</summary>
/// <param name="Answer">For the <c>Sec-WebSocket-Extensions</c> header of the response; of the name that was offered.</param>
/// <param name="Instance">For this connection only, which disposes it.</param>
public sealed record ExtensionAcceptance(ExtensionOffer Answer, ExtensionInstance Instance);
