using System.Collections.Concurrent;
using System.Net;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What a server runs on. Every scenario is the same on all of them.</summary>
public enum ServerEngine
{
    Threads,
    Epoll,
    Portable,
}

/// <summary>An echo server on a port of its own, which notes what its handlers are told.</summary>
internal sealed class TestServer : IAsyncDisposable, IDisposable
{
    private readonly WebSocketServer _server;

    public TestServer(ServerEngine engine, ServerOptions? options = null)
    {
        Assert.SkipWhen(engine == ServerEngine.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        options = (options ?? new ServerOptions()) with { Port = 0, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
        _server = engine == ServerEngine.Threads ? new Threaded(this, options) : new Looping(this, options);
        _server.Start();
    }

    public string Url => $"ws://127.0.0.1:{EndPoint.Port}/";

    public IPEndPoint EndPoint => _server.EndPoint;

    public WebSocketServer Server => _server;

    public IReadOnlyCollection<Client> Clients => _server.Clients;

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What is to live as long as the server: a socket that nobody refers to is closed by the collector.</summary>
    public ConcurrentQueue<IDisposable> Kept { get; } = new();

    public Action<Client, Message>? WhenReceived { get; set; }

    public Action<Client>? WhenOpened { get; set; }

    public Action<Client, Exception>? WhenFailed { get; set; }

    public Action<Client, CloseInfo>? WhenClosed { get; set; }

    public void Start() => _server.Start();

    public void Run(CancellationToken cancellationToken) => _server.Run(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _server.StopAsync(cancellationToken);

    public void Dispose() => _server.Dispose();

    // A handler that a failed test has left waiting keeps no other test from running.
    public ValueTask DisposeAsync() => new(_server.DisposeAsync().AsTask().WaitAsync(Link.Limit));

    private void Opened(Client client)
    {
        Calls.Enqueue($"open {client.Id}");
        WhenOpened?.Invoke(client);
    }

    private void Received(Client client, Message message)
    {
        if (WhenReceived is { } received)
        {
            received(client, message);
        }
        else
        {
            client.Send(message);
        }
    }

    private void Controlled(Client client, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Calls.Enqueue($"control {(int)opcode} {payload.Length}");
        client.SendControl(opcode, payload);
    }

    private void Failed(Client client, Exception error)
    {
        Calls.Enqueue($"error {client.Id} {error.GetType().Name}");
        WhenFailed?.Invoke(client, error);
    }

    private void Closed(Client client, CloseInfo info)
    {
        Calls.Enqueue($"close {client.Id} {(int)info.Code}");
        WhenClosed?.Invoke(client, info);
    }

    private sealed class Threaded(TestServer test, ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnOpen(Client client) => test.Opened(client);

        protected override void OnMessage(Client client, Message message) => test.Received(client, message);

        protected override void OnControl(Client client, Opcode opcode, ReadOnlySpan<byte> payload) => test.Controlled(client, opcode, payload);

        protected override void OnError(Client client, Exception error) => test.Failed(client, error);

        protected override void OnClose(Client client, CloseInfo info) => test.Closed(client, info);
    }

    private sealed class Looping(TestServer test, ServerOptions options) : AsyncServer(options)
    {
        protected override void OnOpen(Client client) => test.Opened(client);

        protected override void OnMessage(Client client, Message message) => test.Received(client, message);

        protected override void OnControl(Client client, Opcode opcode, ReadOnlySpan<byte> payload) => test.Controlled(client, opcode, payload);

        protected override void OnError(Client client, Exception error) => test.Failed(client, error);

        protected override void OnClose(Client client, CloseInfo info) => test.Closed(client, info);
    }
}
