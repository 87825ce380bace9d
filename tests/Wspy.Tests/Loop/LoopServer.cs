using System.Collections.Concurrent;
using Wspy.Loop;
using Wspy.Tests.Protocol;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

internal delegate void PayloadHandler(Client client, ReadOnlySpan<byte> payload);

internal delegate void ViewHandler(Client client, MessageView message);

/// <summary>An <see cref="AsyncServer"/> whose handlers are what a test says; they note what they are told.</summary>
internal class LoopServer : AsyncServer
{
    public LoopServer(ServerEngine engine, ServerOptions? options = null, Func<Poller>? createPoller = null)
        : base(With(engine, options ?? new ServerOptions()), createPoller)
    {
        Start();
    }

    // As TestServer does.
    public new ValueTask DisposeAsync() => new(base.DisposeAsync().AsTask().WaitAsync(Link.Limit));

    public static Wire Wire { get; } = new(WebSocketRole.Client);

    public string Url => $"ws://127.0.0.1:{EndPoint.Port}/";

    public string SecureUrl => $"wss://localhost:{EndPoint.Port}/";

    public ConcurrentQueue<string> Calls { get; } = new();

    public Func<Client, ValueTask>? WhenOpen { get; set; }

    /// <summary>Without it, messages are echoed.</summary>
    public Func<Client, Message, ValueTask>? WhenMessage { get; set; }

    public ViewHandler? WhenView { get; set; }

    public PayloadHandler? WhenPing { get; set; }

    public PayloadHandler? WhenPong { get; set; }

    public Action<Client, Exception>? WhenError { get; set; }

    public Action<Client, CloseInfo>? WhenClose { get; set; }

    public ConcurrentDictionary<long, CloseInfo> Ends { get; } = new();

    /// <summary>A client that is a WebSocket now and knows no more of it.</summary>
    public async Task<RawClient> OpenRawAsync(int receiveBuffer = 0)
    {
        var client = new RawClient(EndPoint, receiveBuffer);
        client.Send(RawClient.Upgrade());
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>A client of this server's and the server's side of it.</summary>
    public async Task<(RawClient Raw, Client Client)> OpenPairAsync(int receiveBuffer = 0)
    {
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<Client, ValueTask>? before = WhenOpen;
        WhenOpen = client =>
        {
            opened.TrySetResult(client);
            return before?.Invoke(client) ?? default;
        };
        RawClient raw = await OpenRawAsync(receiveBuffer);
        Client client = await opened.Task.WaitAsync(Link.Limit);
        WhenOpen = before;
        return (raw, client);
    }

    /// <summary>That the server serves.</summary>
    public async Task EchoAsync()
    {
        using RawClient client = await OpenRawAsync();
        client.Send(Wire.Text("alive"));
        Assert.Equal([0x81, 5, .. "alive"u8], await client.ReadAsync(7));
    }

    /// <summary>Sends to a client that does not read until nothing more is taken, by the system neither.</summary>
    public static async Task FillAsync(Client client, int size, long mark)
    {
        var sending = new List<Task<SendResult>>();
        for (int full = 0; full < 10;)
        {
            if (client.BufferedBytes + size <= mark)
            {
                full = 0;
                sending.Add(client.SendAsync(new byte[size]).AsTask());
            }
            else
            {
                full++;
                await Task.Delay(2);
            }
        }

        Assert.All(sending, static send => Assert.True(send.IsCompletedSuccessfully));
    }

    public static async Task UntilAsync(Func<bool> condition, Action? meanwhile = null, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Link.Limit);
        while (!condition())
        {
            meanwhile?.Invoke();
            await Task.Delay(1, limit.Token);
        }
    }

    protected override ValueTask OnOpenAsync(Client client)
    {
        Calls.Enqueue($"open {client.Id}");
        return WhenOpen?.Invoke(client) ?? default;
    }

    protected override void OnMessage(Client client, MessageView message)
    {
        if (WhenView is { } view)
        {
            view(client, message);
        }
        else if (WhenMessage is null)
        {
            client.Send(message);
        }
        else
        {
            base.OnMessage(client, message);
        }
    }

    protected override ValueTask OnMessageAsync(Client client, Message message) => WhenMessage!(client, message);

    protected override void OnPing(Client client, ReadOnlySpan<byte> payload) => WhenPing?.Invoke(client, payload);

    protected override void OnPong(Client client, ReadOnlySpan<byte> payload) => WhenPong?.Invoke(client, payload);

    protected override void OnError(Client client, Exception error)
    {
        Calls.Enqueue($"error {client.Id} {error.GetType().Name}");
        WhenError?.Invoke(client, error);
    }

    protected override void OnClose(Client client, CloseInfo info)
    {
        Calls.Enqueue($"close {client.Id}");
        Assert.True(Ends.TryAdd(client.Id, info));
        WhenClose?.Invoke(client, info);
    }

    private static ServerOptions With(ServerEngine engine, ServerOptions options)
    {
        Assert.SkipWhen(engine == ServerEngine.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");

        // A raw client does not end its stream by itself, and most tests have nothing to wait for then.
        TimeSpan closeTimeout = options.CloseTimeout == TimeSpan.FromSeconds(5) ? TimeSpan.FromMilliseconds(200) : options.CloseTimeout;
        return options with { Port = 0, CloseTimeout = closeTimeout, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
    }
}

internal static class Completions
{
    /// <summary>An <see cref="LoopServer.WhenOpen"/> that tells the first client.</summary>
    public static ValueTask SetFrom(this TaskCompletionSource<Client> source, Client client)
    {
        source.TrySetResult(client);
        return default;
    }
}

/// <summary>One that is also told what was sent.</summary>
internal sealed class TellingServer(ServerEngine engine, ServerOptions? options = null) : LoopServer(engine, options)
{
    public Action<Client, Message>? WhenSent { get; set; }

    protected override void OnSent(Client client, Message message) => WhenSent?.Invoke(client, message);
}
