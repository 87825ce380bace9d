namespace Wspy.Handshake;

/// <summary>Knows what a server asks of a request, once its head is there.</summary>
internal interface IHandshakeRouter
{
    /// <summary>Finds what the request is for.</summary>
    /// <param name="request">A request whose head is valid.</param>
    /// <param name="options">Replaced by those that hold for it.</param>
    /// <returns>False when the path is one that nobody may be given: 400.</returns>
    bool TryRoute(HttpRequestHead request, ref ServerHandshakeOptions options);
}
