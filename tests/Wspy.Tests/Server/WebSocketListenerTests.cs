using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Accepting one by one.</summary>
public class WebSocketListenerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accepts_blocking_and_asynchronously(bool secure)
    {
        using var listener = new WebSocketListener(new ServerOptions { Port = 0, Tls = secure ? Link.ServerTls : null, Subprotocols = ["chat"] });
        var options = new ClientOptions { Tls = Link.TrustingTls, Subprotocols = ["chat"] };
        string url = $"{(secure ? "wss" : "ws")}://localhost:{listener.EndPoint.Port}/path";
        foreach (bool blocking in new[] { true, false })
        {
            Task<WebSocket> accepting = blocking ? Link.OnThread(listener.Accept) : listener.AcceptAsync().AsTask();
            await using WebSocket client = await WebSocket.ConnectAsync(url, options);
            WebSocket server = await accepting.WaitAsync(Link.Limit);
            Assert.Equal(("chat", "chat", "/path"), (client.Subprotocol, server.Subprotocol, server.Request!.Target));
            Assert.Equal(client.LocalEndPoint!.ToString()!.Split(':')[^1], server.RemoteEndPoint!.ToString()!.Split(':')[^1]);
            server.Send(Frame.Text("first"));
            Assert.Equal("first"u8.ToArray(), (await client.ReceiveAsync()).Payload.ToArray());
            Task closing = server.CloseAsync().AsTask();
            await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
            await closing.WaitAsync(Link.Limit);
        }
    }

    [Fact]
    public async Task A_refused_client_is_an_exception_and_the_next_one_is_served()
    {
        using var listener = new WebSocketListener(new ServerOptions { Port = 0 });
        using (var noHttp = new RawClient(listener.EndPoint))
        {
            noHttp.Send("BREW\r\n\r\n");
            Task<string> answer = noHttp.ReadToEndAsync();
            Task<WebSocket> accepting = Link.OnThread(listener.Accept);
            Assert.StartsWith("HTTP/1.1 400 ", await answer, StringComparison.Ordinal);
            noHttp.Dispose();
            Assert.Equal(HandshakeViolation.InvalidHead, (await Assert.ThrowsAsync<HandshakeException>(() => accepting)).Reason);
        }

        Task<WebSocket> next = Link.OnThread(listener.Accept);
        using WebSocket client = await WebSocket.ConnectAsync($"ws://127.0.0.1:{listener.EndPoint.Port}/");
        (await next).Abort();
    }

    [Fact]
    public async Task A_client_that_was_reset_before_it_was_accepted_is_a_failed_handshake()
    {
        using var listener = new WebSocketListener(new ServerOptions { Port = 0 });
        new RawClient(listener.EndPoint).Reset();
        await Assert.ThrowsAsync<HandshakeException>(() => Link.OnThread(listener.Accept));
        new RawClient(listener.EndPoint).Reset();
        await Assert.ThrowsAsync<HandshakeException>(() => listener.AcceptAsync().AsTask().WaitAsync(Link.Limit));
    }

    [Fact]
    public async Task Disposing_and_cancelling_end_pending_accepts()
    {
        var listener = new WebSocketListener(new ServerOptions { Port = 0 });
        using var source = new CancellationTokenSource();
        Task<WebSocket> cancelled = listener.AcceptAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Link.Limit));
        Task<WebSocket> blocking = Link.OnThread(listener.Accept);
        Task<WebSocket> pending = listener.AcceptAsync().AsTask();
        listener.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pending.WaitAsync(Link.Limit));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => blocking.WaitAsync(Link.Limit));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pending_hook_is_waited_for_and_given_up_in_time(bool blocking)
    {
        var clock = new FakeTimeProvider();
        var asked = new SemaphoreSlim(0);
        using var listener = new WebSocketListener(new ServerOptions
        {
            Port = 0,
            TimeProvider = clock,
            OnUpgradeAsync = async request =>
            {
                asked.Release();
                await (request.Path == "/never" ? new TaskCompletionSource().Task : Task.Delay(1));
                return UpgradeAnswer.Accept(request.GetQueryValue("choose"));
            },
        });
        Task<WebSocket> Accept() => blocking ? Link.OnThread(listener.Accept) : listener.AcceptAsync().AsTask();

        Task<WebSocket> accepting = Accept();
        using (var client = new RawClient(listener.EndPoint))
        {
            client.Send(RawClient.Upgrade("Sec-WebSocket-Protocol: a, b\r\n", "/?choose=b"));
            Assert.Contains("Sec-WebSocket-Protocol: b\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.True(await asked.WaitAsync(Link.Limit));
            WebSocket accepted = await accepting.WaitAsync(Link.Limit);
            Assert.Equal("b", accepted.Subprotocol);
            accepted.Abort();
        }

        accepting = Accept();
        using (var client = new RawClient(listener.EndPoint))
        {
            client.Send(RawClient.Upgrade("", "/never"));
            Assert.True(await asked.WaitAsync(Link.Limit));
            Task<string> reading = client.ReadHeadAsync();
            for (int i = 0; i < 2000 && !reading.IsCompleted; i++)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(reading, Task.Delay(5));
            }

            Assert.StartsWith("HTTP/1.1 503 ", await reading.WaitAsync(Link.Limit), StringComparison.Ordinal);
        }

        HandshakeException late = await Assert.ThrowsAsync<HandshakeException>(() => accepting.WaitAsync(Link.Limit));
        Assert.Equal((HandshakeViolation.TimedOut, 503), (late.Reason, late.StatusCode));
    }

    [Fact]
    public void An_address_in_use_is_a_socket_exception()
    {
        using var first = new WebSocketListener(new ServerOptions { Port = 0 });
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => new WebSocketListener(new ServerOptions { Port = first.EndPoint.Port })).SocketErrorCode);
        Assert.Equal(IPAddress.Loopback, first.EndPoint.Address);
    }
}
