// Chat rooms on event loops: ws://localhost:8000/room/lobby?name=Ada is one, and any other name makes another; /healthz tells how it goes.
using Wspy;

ChatRooms rooms = new();
using AsyncServer server = new(new ServerOptions { Port = 8000 });
server.Map("/room/{id}", rooms, options => options with { MaxMessageSize = 4096, Subprotocols = ["chat"] });
server.MapGet("/healthz", _ => HttpResponse.Json(200, $$"""{"clients":{{server.Clients.Count}},"rooms":{{rooms.Count}}}""" + "\n"));
Console.WriteLine("Rooms on ws://localhost:8000/room/NAME, health on http://localhost:8000/healthz, Ctrl-C to stop.");
server.Run();

internal sealed class ChatRooms : RouteHandler
{
    private const int MaxRooms = 1000;

    // A room is there as long as somebody is in it. The loops share it, so each looks at it for a moment only.
    private readonly Dictionary<string, HashSet<Client>> _rooms = [];
    private readonly Lock _gate = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _rooms.Count;
            }
        }
    }

    // Before the 101: the path is decoded and safe, and who is refused here never becomes a client.
    protected override UpgradeAnswer OnUpgrade(HttpRequestHead request) =>
        request.Parameters["id"].Length > 40 ? HttpResponse.Text(400, "The name of a room has at most 40 characters.\n")
        : Count >= MaxRooms ? HttpResponse.Text(503, "All rooms are taken.\n")
        : null;

    protected override void OnOpen(Client client)
    {
        string name = client.Request.GetQueryValue("name") ?? "";
        client.State = name.Length is > 0 and <= 30 ? name : $"Guest {client.Id}";
        lock (_gate)
        {
            string id = client.Parameters["id"];
            (_rooms.TryGetValue(id, out HashSet<Client>? room) ? room : _rooms[id] = []).Add(client);
        }

        Tell(client, $"{client.State} came");
    }

    protected override void OnMessage(Client client, Message message) => Tell(client, $"{client.State}: {message}");

    protected override void OnClose(Client client, CloseInfo info)
    {
        lock (_gate)
        {
            if (_rooms.TryGetValue(client.Parameters["id"], out HashSet<Client>? room) && room.Remove(client) && room.Count == 0)
            {
                _rooms.Remove(client.Parameters["id"]);
            }
        }

        Tell(client, $"{client.State} left");
    }

    private void Tell(Client about, string text)
    {
        Client[] present;
        lock (_gate)
        {
            present = _rooms.TryGetValue(about.Parameters["id"], out HashSet<Client>? room) ? [.. room] : [];
        }

        PreparedMessage message = new(text);
        foreach (Client client in present)
        {
            client.Send(message);
        }
    }
}
