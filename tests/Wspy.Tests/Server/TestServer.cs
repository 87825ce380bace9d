using System.Collections.Concurrent;

namespace Wspy.Tests.ServerTests;

/// <summary>An echo server on a port of its own, which notes what its handlers are told.</summary>
internal sealed class TestServer : Wspy.Server
{
    public TestServer(ServerOptions? options = null)
        : base((options ?? new ServerOptions()) with { Port = 0 })
    {
        Start();
    }

    public string Url => $"ws://127.0.0.1:{EndPoint.Port}/";

    public ConcurrentQueue<string> Calls { get; } = new();

    public Action<Client, Message>? WhenReceived { get; set; }

    public Action<Client>? WhenOpened { get; set; }

    public Action<Client, CloseInfo>? WhenClosed { get; set; }

    protected override void OnOpen(Client client)
    {
        Calls.Enqueue($"open {client.Id}");
        WhenOpened?.Invoke(client);
    }

    protected override void OnMessage(Client client, Message message)
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

    protected override void OnError(Client client, Exception error) => Calls.Enqueue($"error {client.Id} {error.GetType().Name}");

    protected override void OnClose(Client client, CloseInfo info)
    {
        Calls.Enqueue($"close {client.Id} {(int)info.Code}");
        WhenClosed?.Invoke(client, info);
    }
}
