using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Wspy.Tool.Echo;

/// <summary>
/// Sends every message back as it came, on any path. On <see cref="EventsChannel.Path"/> it reports to the page what it sees
/// on the echo connection with the same <c>id</c> in its query; a connection without one meets a pure echo server.
/// </summary>
internal sealed class EchoServer : IDisposable
{
    private readonly ConcurrentDictionary<string, EventsChannel> _channels = new(StringComparer.Ordinal);
    private readonly WebSocketServer _server;
    private readonly ILogger _logger;
    private readonly ServerFacts _facts;
    private long _connections;
    private long _messages;

    public EchoServer(EchoEngine engine, ServerOptions options, ServerFacts facts, ILogger logger)
    {
        _facts = facts;
        _logger = logger;
        _server = engine == EchoEngine.Threads ? new Threaded(this, options) : new Looping(this, options);
    }

    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>Where it listens, as far as it has addresses to tell.</summary>
    public IReadOnlyList<EndPoint> EndPoints => _server.EndPoints;

    /// <summary>Echo connections opened until now.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Messages echoed until now.</summary>
    public long Messages => Interlocked.Read(ref _messages);

    public void Start() => _server.Start();

    public void Run() => _server.Run();

    public Task StopAsync() => _server.StopAsync();

    public void Dispose() => _server.Dispose();

    private static HttpResponse? OnUpgrade(HttpRequestHead request) =>
        request.Path == EventsChannel.Path && PageId(request) is null
            ? HttpResponse.Text(400, "The events channel needs an id in its query: /events?id=…\n")
            : null;

    private void OnOpen(Client client)
    {
        string? id = PageId(client.Request);
        if (client.Request.Path == EventsChannel.Path)
        {
            OpenChannel(client, id!);
            return;
        }

        EchoConnection connection = new(id is not null && _channels.TryGetValue(id, out EventsChannel? channel) ? channel : null);
        client.State = connection;
        Interlocked.Increment(ref _connections);
        EchoLog.Connected(_logger, client.Id, client.RemoteEndPoint, connection.Channel is null ? client.Request.Target : "the page");
        connection.Channel?.Watch(client);
    }

    private void OnMessage(Client client, MessageView message)
    {
        if (client.State is EventsChannel page)
        {
            page.Obey(message.Payload);
            return;
        }

        EchoConnection connection = (EchoConnection)client.State!;
        double received = connection.Channel?.Now ?? 0;
        client.Send(message);
        connection.Messages++;
        Interlocked.Increment(ref _messages);
        connection.Channel?.Echoed(message.Opcode, message.Payload.Length, received);
    }

    private void OnPing(Client client, ReadOnlySpan<byte> payload)
    {
        EchoLog.Pinged(_logger, client.Id, payload.Length);
        (client.State as EchoConnection)?.Channel?.Pinged(payload);
    }

    private void OnPong(Client client, ReadOnlySpan<byte> payload)
    {
        EchoLog.Ponged(_logger, client.Id, payload.Length);
        (client.State as EchoConnection)?.Channel?.Ponged(payload);
    }

    private void OnError(Client client, Exception error)
    {
        // The library itself logs, as an error, a handler that throws.
        if (error is WspyException)
        {
            EchoLog.BrokeRule(_logger, client.Id, error.Message);
        }

        (client.State as EchoConnection)?.Channel?.Failed(error.Message);
    }

    private void OnClose(Client client, CloseInfo info)
    {
        if (client.State is EventsChannel page)
        {
            _channels.TryRemove(KeyValuePair.Create(page.Id, page));
        }
        else if (client.State is EchoConnection connection)
        {
            EchoLog.Ended(_logger, client.Id, info, connection.Messages);
            connection.Channel?.Closed(client, info);
        }
    }

    private void OpenChannel(Client client, string id)
    {
        EventsChannel channel = new(client, id, _facts, TimeProvider.System);
        client.State = channel;
        _channels[id] = channel;
        EchoLog.Watching(_logger, client.Id, client.RemoteEndPoint);
        channel.Opened();
    }

    private static string? PageId(HttpRequestHead request)
    {
        foreach (Range part in request.Query.AsSpan().Split('&'))
        {
            ReadOnlySpan<char> field = request.Query.AsSpan(part);
            if (field.StartsWith("id=", StringComparison.Ordinal))
            {
                return field[3..].ToString();
            }
        }

        return null;
    }

    private sealed class Threaded(EchoServer echo, ServerOptions options) : Server(options)
    {
        protected override HttpResponse? OnRequest(HttpRequestHead request) => EchoPage.Answer(request);

        protected override UpgradeAnswer OnUpgrade(HttpRequestHead request) => EchoServer.OnUpgrade(request);

        protected override void OnOpen(Client client) => echo.OnOpen(client);

        protected override void OnMessage(Client client, MessageView message) => echo.OnMessage(client, message);

        protected override void OnPing(Client client, ReadOnlySpan<byte> payload) => echo.OnPing(client, payload);

        protected override void OnPong(Client client, ReadOnlySpan<byte> payload) => echo.OnPong(client, payload);

        protected override void OnError(Client client, Exception error) => echo.OnError(client, error);

        protected override void OnClose(Client client, CloseInfo info) => echo.OnClose(client, info);
    }

    private sealed class Looping(EchoServer echo, ServerOptions options) : AsyncServer(options)
    {
        protected override HttpResponse? OnRequest(HttpRequestHead request) => EchoPage.Answer(request);

        protected override UpgradeAnswer OnUpgrade(HttpRequestHead request) => EchoServer.OnUpgrade(request);

        protected override void OnOpen(Client client) => echo.OnOpen(client);

        protected override void OnMessage(Client client, MessageView message) => echo.OnMessage(client, message);

        protected override void OnPing(Client client, ReadOnlySpan<byte> payload) => echo.OnPing(client, payload);

        protected override void OnPong(Client client, ReadOnlySpan<byte> payload) => echo.OnPong(client, payload);

        protected override void OnError(Client client, Exception error) => echo.OnError(client, error);

        protected override void OnClose(Client client, CloseInfo info) => echo.OnClose(client, info);
    }

    /// <summary>An echo connection's own state, touched in its handlers only.</summary>
    private sealed class EchoConnection(EventsChannel? channel)
    {
        public EventsChannel? Channel => channel;

        public long Messages { get; set; }
    }
}
