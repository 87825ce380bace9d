// A chat in the browser, on event loops: everybody hears everybody. Start it, and open http://localhost:8000/ in two windows.
using System.Text;
using System.Text.Json;
using System.Web;
using Wspy;

using ChatServer chat = new(new ServerOptions { Port = 8000, MaxMessageSize = 4096 });
Console.WriteLine("Chat on http://localhost:8000/, Ctrl-C to stop.");
chat.Run();

internal sealed class ChatServer(ServerOptions options) : AsyncServer(options)
{
    private static readonly string Page = ReadPage();

    // Plain HTTP: the browser asks for the page before it opens a WebSocket.
    protected override HttpResponse? OnRequest(HttpRequestHead request) =>
        request.Path == "/" ? HttpResponse.Html(200, Page) : HttpResponse.Text(404, "Not found\n");

    protected override void OnOpen(Client client)
    {
        string name = HttpUtility.ParseQueryString(client.Request.Query)["name"]?.Trim() ?? "";
        client.State = name.Length is > 0 and <= 30 ? name : $"Guest {client.Id}";
        Tell("came", client);
    }

    protected override void OnMessage(Client client, Message message)
    {
        if (message is TextMessage said)
        {
            Tell("said", client, said.Text);
        }
        else
        {
            client.Close(CloseCode.UnsupportedData, "This chat takes text.");
        }
    }

    protected override void OnClose(Client client, CloseInfo info) => Tell("left", client);

    private void Tell(string kind, Client about, string text = "")
    {
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new { kind, name = (string)about.State!, text, present = Clients.Count });

        // Who is leaving right now does not hear it; its own OnClose tells the others. Who does not read misses what is too much.
        Broadcast(Clients, new TextMessage(message));
    }

    private static string ReadPage()
    {
        using Stream page = typeof(ChatServer).Assembly.GetManifestResourceStream("chat.html")!;
        using StreamReader reader = new(page, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
