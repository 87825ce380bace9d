using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Handshake;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>A request that follows another one on its connection, which the server has ended meanwhile (RFC 9112 §9.3.1).</summary>
public class RepeatedRequestTests
{
    private const string Challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n";
    private const string Redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData(0, Challenge, false)]
    [InlineData(1, Challenge, false)]
    [InlineData(2, Challenge, false)]
    [InlineData(0, Redirect, true)]
    [InlineData(1, Redirect, true)]
    [InlineData(2, Redirect, true)]
    public async Task It_goes_over_another_connection(int kind, string first, bool resets)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        Task<string> serving = ServeAsync(server, first, resets);
        await ConnectAsync(kind, server);
        string repeated = await serving.WaitAsync(Link.Limit);
        Assert.Contains(first == Redirect ? "GET /new " : "Authorization: Basic dTpw", repeated, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_server_that_always_ends_the_connection_is_not_asked_for_ever(int kind)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stop = new CancellationTokenSource();
        int accepted = 0;
        Task serving = Task.Run(async () =>
        {
            while (true)
            {
                using Socket one = await server.AcceptSocketAsync(stop.Token);
                accepted++;
                await ReadHeadAsync(one);
                await one.SendAsync(Encoding.ASCII.GetBytes(Challenge));
            }
        });
        HandshakeException failure = await Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(kind, server));
        Assert.True(failure.Reason is HandshakeViolation.UnexpectedStatus or HandshakeViolation.ConnectionLost, failure.Reason.ToString());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
        Assert.InRange(accepted, 2, 10);
    }

    // A given connection is the only one.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_was_given_is_lost(bool isAsync)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.LocalEndpoint);
        Task serving = Task.Run(async () =>
        {
            using Socket one = await server.AcceptSocketAsync();
            await ReadHeadAsync(one);
            await one.SendAsync(Encoding.ASCII.GetBytes(Challenge));
            await ReadHeadAsync(one);
        });
        var options = new ClientOptions { Credentials = new NetworkCredential("u", "p") };
        var url = new Uri("ws://localhost/");
        HandshakeException lost = await Assert.ThrowsAsync<HandshakeException>(async () =>
            _ = isAsync ? await WebSocket.ConnectAsync(socket, url, options) : await Task.Run(() => WebSocket.Connect(socket, url, options)));
        Assert.Equal(HandshakeViolation.ConnectionLost, lost.Reason);
        await serving.WaitAsync(Link.Limit);
    }

    private static async Task ConnectAsync(int kind, TcpListener server)
    {
        string url = $"ws://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/old";
        var options = new ClientOptions { Credentials = new NetworkCredential("u", "p") };
        switch (kind)
        {
            case 0:
                (await Task.Run(() => WebSocket.Connect(url, options)).WaitAsync(Link.Limit)).Dispose();
                break;
            case 1:
                (await WebSocket.ConnectAsync(url, options).AsTask().WaitAsync(Link.Limit)).Dispose();
                break;
            default:
                var connection = new AsyncConnection();
                await connection.ConnectAsync(new Uri(url), options).AsTask().WaitAsync(Link.Limit);
                connection.Abort();
                break;
        }
    }

    // The second request is read, so that the client has sent it, and not answered; the next one is that of another connection.
    private static async Task<string> ServeAsync(TcpListener server, string first, bool resets)
    {
        using (Socket one = await server.AcceptSocketAsync())
        {
            await ReadHeadAsync(one);
            await one.SendAsync(Encoding.ASCII.GetBytes(first));
            await ReadHeadAsync(one);
            one.LingerState = new LingerOption(resets, 0);
        }

        using Socket other = await server.AcceptSocketAsync();
        string repeated = await ReadHeadAsync(other);
        string key = repeated.Split("Sec-WebSocket-Key: ")[1].Split("\r\n")[0];
        string accept = HandshakeKey.ComputeAccept(key);
        await other.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        return repeated;
    }

    private static async Task<string> ReadHeadAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        int count = 1;
        while (count > 0 && !text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            try
            {
                count = await socket.ReceiveAsync(buffer);
            }
            catch (SocketException)
            {
                // The client has reset the connection.
                break;
            }

            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
