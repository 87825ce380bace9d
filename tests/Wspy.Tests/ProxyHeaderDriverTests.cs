using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Tests.Transports;
using Wspy.Transports;

namespace Wspy.Tests;

/// <summary>The header of a proxy in front of a single connection.</summary>
public class ProxyHeaderDriverTests
{
    private static readonly ServerOptions Options = new()
    {
        TrustedProxies = new TrustedProxies { Networks = [IPNetwork.Parse("::ffff:127.0.0.0/104"), IPNetwork.Parse("127.0.0.0/8")], UnixSockets = true, ProxyProtocol = true },
    };

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_header_comes_before_the_request(bool isSocket, bool isAsync)
    {
        foreach (bool isValid in new[] { true, false })
        {
            (Stream near, Stream far) = isSocket ? await ConnectAsync() : InMemoryStream.CreatePair();
            Task<WebSocket> accepting = Task.Run(async () => (isSocket, isAsync) switch
            {
                (true, true) => await WebSocket.AcceptAsync(((NetworkStream)far).Socket, Options),
                (true, false) => WebSocket.Accept(((NetworkStream)far).Socket, Options),
                (false, true) => await WebSocket.AcceptAsync(far, Options),
                _ => WebSocket.Accept(far, Options),
            });
            await near.WriteAsync(isValid ? "PROXY TCP6 ::ffff:198.51.100.7 ::1 56324 443\r\n"u8.ToArray() : "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            if (isValid)
            {
                using WebSocket client = await WebSocket.ConnectAsync(near, new Uri("ws://localhost/")).AsTask().WaitAsync(Link.Limit);
                using WebSocket server = await accepting.WaitAsync(Link.Limit);
                Assert.Equal("198.51.100.7:56324", server.Request!.RemoteEndPoint!.ToString());
            }
            else
            {
                HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => accepting.WaitAsync(Link.Limit));
                Assert.Equal(HandshakeViolation.InvalidProxyHeader, refused.Reason);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_without_an_address_is_trusted_only_where_the_options_say_so(bool isAsync)
    {
        (Stream near, Stream far) = InMemoryStream.CreatePair();
        ServerOptions options = Options with { TrustedProxies = Options.TrustedProxies! with { UnixSockets = false } };
        await near.WriteAsync("PROXY UNKNOWN\r\n"u8.ToArray());
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(async () => _ = isAsync ? await WebSocket.AcceptAsync(far, options) : await Task.Run(() => WebSocket.Accept(far, options)));
        Assert.Equal(HandshakeViolation.InvalidProxyHeader, refused.Reason);
        Assert.Contains("TrustedProxies", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_kept_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new TrustedProxies { Networks = null! });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrustedProxies { Headers = (ForwardedHeaders)9 });
    }

    private static async Task<(Stream Near, Stream Far)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task<Socket> accepting = listener.AcceptSocketAsync();
        await near.ConnectAsync(listener.LocalEndpoint);
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(await accepting, ownsSocket: true));
    }
}
