using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>The ways in which connecting fails, each with a type of its own, blocking and asynchronously.</summary>
public class ClientFailureTests
{
    public static TheoryData<string, HandshakeViolation, int, string> Answers => new()
    {
        { "HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nnever and more", HandshakeViolation.UnexpectedStatus, 403, "never" },
        { "HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\nuntil the end", HandshakeViolation.UnexpectedStatus, 500, "until the end" },
        { "HTTP/1.1 401 Who\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwho?\r\n0\r\n\r\n", HandshakeViolation.UnexpectedStatus, 401, "who?" },
        { "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nno \r\n04\r\nsuch\r\n0\r\nDigest: z\r\n\r\n", HandshakeViolation.UnexpectedStatus, 403, "no such" },
        { "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno such\r\n0\r\n\r\n", HandshakeViolation.UnexpectedStatus, 403, "no" },
        { "HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", HandshakeViolation.InvalidAccept, 101, "" },
        { "220 smtp.example ESMTP\r\n\r\n", HandshakeViolation.InvalidHead, 0, "" },
        { "HTTP/1.1 403 broken off", HandshakeViolation.ConnectionLost, 0, "" },
        { "", HandshakeViolation.ConnectionLost, 0, "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Whatever_the_server_answers_is_told(string answer, HandshakeViolation reason, int status, string body)
    {
        foreach (bool blocking in new[] { true, false })
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Task answering = Task.Run(async () =>
            {
                using Socket socket = await listener.AcceptSocketAsync();
                byte[] request = new byte[4096];
                await socket.ReceiveAsync(request);
                await socket.SendAsync(Encoding.Latin1.GetBytes(answer));
                if (!answer.Contains("chunked", StringComparison.Ordinal) && !answer.Contains("Length", StringComparison.Ordinal))
                {
                    socket.Shutdown(SocketShutdown.Send);
                }

                await socket.ReceiveAsync(request);
            });
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(blocking, $"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
            Assert.Equal((reason, status, body), (failed.Reason, failed.StatusCode, Encoding.UTF8.GetString(failed.Body.Span)));
            await answering.WaitAsync(Link.Limit);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_way_to_the_server_is_a_socket_exception(bool blocking)
    {
        int port;
        using (var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            // Bound and not listening: nobody else gets the port meanwhile.
            taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)taken.LocalEndPoint!).Port;
            SocketException refused = await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(blocking, $"ws://127.0.0.1:{port}/"));
            Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        }

        SocketException unknown = await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(blocking, "ws://no-such-host.invalid/"));
        Assert.Contains(unknown.SocketErrorCode, new[] { SocketError.HostNotFound, SocketError.TryAgain, SocketError.NoData, SocketError.NoRecovery });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_does_not_answer_is_a_failed_handshake_in_time(bool blocking)
    {
        var clock = new FakeTimeProvider();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        foreach (string scheme in new[] { "ws", "wss" })
        {
            Task<HandshakeException> failing = Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(blocking, $"{scheme}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", new ClientOptions { TimeProvider = clock }));
            while (!failing.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(failing, Task.Delay(1));
            }

            Assert.Equal(HandshakeViolation.TimedOut, (await failing).Reason);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connecting_takes_no_longer_than_ConnectTimeout(bool blocking)
    {
        // A listener whose queue is full drops further attempts, so that they wait.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var fillers = new List<Socket>();
        bool isFull = false;
        while (!isFull && fillers.Count < 20)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(filler);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            try
            {
                await filler.ConnectAsync(full.LocalEndPoint!, limit.Token);
            }
            catch (OperationCanceledException)
            {
                isFull = true;
            }
        }

        Assert.True(isFull, "the system lets everybody connect, so nothing can be tested");
        TimeoutException timedOut = await Assert.ThrowsAsync<TimeoutException>(() => ConnectAsync(blocking, $"ws://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}/", new ClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Contains("ConnectTimeout", timedOut.Message, StringComparison.Ordinal);
        fillers.ForEach(filler => filler.Dispose());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TLS_to_a_plain_port_an_untrusted_certificate_and_a_throwing_callback_are_failed_TLS(bool blocking)
    {
        await using var plain = new TestServer(ServerEngine.Threads);
        await using var secure = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = Link.ServerTls });
        foreach ((int port, SslClientAuthenticationOptions? tls) in new (int, SslClientAuthenticationOptions?)[]
        {
            (plain.EndPoint.Port, Link.TrustingTls),
            (secure.EndPoint.Port, null),
            (secure.EndPoint.Port, new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => throw new FormatException("mine") }),
        })
        {
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(blocking, $"wss://127.0.0.1:{port}/", new ClientOptions { Tls = tls }));
            Assert.Equal(port == plain.EndPoint.Port ? HandshakeViolation.WrongScheme : HandshakeViolation.TlsFailed, failed.Reason);
        }

        HandshakeException reverse = await Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(blocking, $"ws://127.0.0.1:{secure.EndPoint.Port}/"));
        Assert.Equal(HandshakeViolation.WrongScheme, reverse.Reason);
    }

    [Fact]
    public async Task TLS_options_of_a_server_that_cannot_work_end_the_clients_and_not_the_server()
    {
        await using var server = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = new SslServerAuthenticationOptions { ServerCertificateSelectionCallback = (_, _) => throw new FormatException("mine") } });
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<HandshakeException>(() => ConnectAsync(blocking: true, server.Url.Replace("ws:", "wss:", StringComparison.Ordinal), new ClientOptions { Tls = Link.TrustingTls }));
        }
    }

    [Fact]
    public async Task A_mistake_in_the_options_shows_before_anything_is_connected()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        foreach (bool blocking in new[] { true, false })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => ConnectAsync(blocking, url, new ClientOptions { Subprotocols = ["not a token"] }));
        }

        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task Cancelling_ends_connecting_at_every_stage()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        foreach (string scheme in new[] { "ws", "wss" })
        {
            using var source = new CancellationTokenSource();
            Task<WebSocket> connecting = WebSocket.ConnectAsync($"{scheme}://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", cancellationToken: source.Token).AsTask();
            using Socket accepted = await listener.AcceptSocketAsync();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Link.Limit));
        }
    }

    [Fact]
    public void Every_TLS_option_is_carried_over_when_the_host_is_filled_in()
    {
        foreach (PropertyInfo property in typeof(SslClientAuthenticationOptions).GetProperties().Where(property => property is { CanWrite: true, Name: not "TargetHost" }))
        {
            var given = new SslClientAuthenticationOptions();
            object? value = property.PropertyType switch
            {
                { } type when type == typeof(bool) => !(bool)property.GetValue(given)!,
                { IsEnum: true } type => Enum.GetValues(type).Cast<object>().First(member => !member.Equals(property.GetValue(given))),
                { } type when type == typeof(RemoteCertificateValidationCallback) => (RemoteCertificateValidationCallback)((_, certificate, _, _) => certificate is not null),
                { } type when type == typeof(LocalCertificateSelectionCallback) => (LocalCertificateSelectionCallback)((_, _, _, _, _) => null!),
                { } type when type == typeof(SslStreamCertificateContext) => SslStreamCertificateContext.Create(Certificates.Localhost, null),
                { } type when type == typeof(CipherSuitesPolicy) => OperatingSystem.IsLinux() ? new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]) : null,
                { } type => Activator.CreateInstance(type),
            };
            property.SetValue(given, value);
            SslClientAuthenticationOptions used = ClientTls.For(given, "host.example");
            Assert.True(Equals(value, property.GetValue(used)), $"{property.Name} was lost");
            Assert.Equal("host.example", used.TargetHost);
        }
    }

    private static Task<WebSocket> ConnectAsync(bool blocking, string url, ClientOptions? options = null) =>
        blocking ? Link.OnThread(() => WebSocket.Connect(url, options)) : WebSocket.ConnectAsync(url, options).AsTask().WaitAsync(Link.Limit);
}
