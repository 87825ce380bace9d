using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Wspy.Conformance.Wire;
using Wspy.Handshake;

namespace Wspy.Conformance.Engine;

/// <summary>Connects to the server under test, and does the plain opening handshake.</summary>
internal sealed class Connecting(Uri target, SuiteOptions options)
{
    /// <summary>What <c>Host</c> says.</summary>
    public string Host => target.IsDefaultPort || target.Port is -1 ? target.Host : $"{target.Host}:{target.Port}";

    /// <summary>What the request line says.</summary>
    public string Target => target.PathAndQuery;

    private bool IsSecure => target.Scheme is "wss" or "https";

    /// <summary>Opens TCP, and TLS if the URL says so.</summary>
    public async Task<WireConnection> ConnectAsync(WireLog log, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target.IdnHost.Trim('[', ']'), target.Port >= 0 ? target.Port : IsSecure ? 443 : 80, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (IsSecure)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(TlsOptions(), cancellationToken).ConfigureAwait(false);
            }

            return new WireConnection(socket, stream, PeerRole.Server, log);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Does the opening handshake on a connection that has begun to read a response.</summary>
    /// <returns>What the server answered in <c>Sec-WebSocket-Extensions</c>, its lines as one list (RFC 9110 §5.3).</returns>
    /// <exception cref="CaseFailedException">It did not accept.</exception>
    public async Task<string?> OpenAsync(CaseRun run, string? extension, CancellationToken cancellationToken)
    {
        string key = HandshakeKey.Create();
        string request = Request(key, extension);
        await run.Wire.SendAsync(Encoding.Latin1.GetBytes(request), int.MaxValue, TimeSpan.Zero, request.TrimEnd(), cancellationToken).ConfigureAwait(false);
        WireEvent? answer = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        if (answer is not ResponseEvent { Head: { StatusCode: 101 } head })
        {
            throw new CaseFailedException($"expected the opening handshake to be accepted; got {(answer is null ? "no answer" : answer)}");
        }

        run.Happened.Clear();
        string expected = HandshakeKey.ComputeAccept(key);
        IReadOnlyList<string> extensions = head.Headers.GetValues("Sec-WebSocket-Extensions");
        return head.Headers["Sec-WebSocket-Accept"] == expected
            ? extensions.Count == 0 ? null : string.Join(", ", extensions)
            : throw new CaseFailedException($"expected Sec-WebSocket-Accept: {expected}; got {head.Headers["Sec-WebSocket-Accept"] ?? "none"}");
    }

    private string Request(string key, string? extension)
    {
        var text = new StringBuilder();
        text.Append(null, $"GET {Target} HTTP/1.1\r\nHost: {Host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n");
        foreach ((string name, string value) in options.Headers)
        {
            text.Append(null, $"{name}: {value}\r\n");
        }

        return text.Append(extension is null ? "" : $"Sec-WebSocket-Extensions: {extension}\r\n").Append("\r\n").ToString();
    }

    private SslClientAuthenticationOptions TlsOptions()
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = target.Host };
        if (options.AcceptAnyCertificate)
        {
            // The one who runs the suite has asked for it; nothing secret is sent.
#pragma warning disable CA5359
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return tls;
    }
}
