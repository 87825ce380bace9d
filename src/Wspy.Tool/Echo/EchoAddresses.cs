using System.Net;

namespace Wspy.Tool.Echo;

/// <summary>The URLs under which a server that listens on an end point is reached.</summary>
internal sealed class EchoAddresses(IPEndPoint endPoint, bool tls)
{
    private readonly bool _everywhere = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);

    public string Page => $"{(tls ? "https" : "http")}://{Host}:{endPoint.Port}/";

    public string WebSocket => $"{(tls ? "wss" : "ws")}://{Host}:{endPoint.Port}/";

    /// <summary>The page as other machines reach it; null if the server is not open to them.</summary>
    public string? PageElsewhere => _everywhere ? $"{(tls ? "https" : "http")}://{Dns.GetHostName()}:{endPoint.Port}/" : null;

    private string Host => _everywhere || endPoint.Address.Equals(IPAddress.Loopback) ? "localhost"
        : endPoint.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{endPoint.Address}]"
        : endPoint.Address.ToString();
}
