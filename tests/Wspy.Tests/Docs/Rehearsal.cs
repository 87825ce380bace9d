using System.Net.WebSockets;

namespace Wspy.Tests.Docs;

/// <summary>Runs the programs of a document in their order: servers with a real client, clients with the server before them.</summary>
internal static class Rehearsal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="SnippetException">A program did not do what its words say; the message names document, line and output.</exception>
    public static async Task RunAsync(IEnumerable<Snippet> snippets)
    {
        Dictionary<int, int> ports = [];
        SnippetProgram? server = null;
        try
        {
            foreach (Snippet snippet in snippets.Where(snippet => snippet.IsServer || snippet.IsClient || snippet.IsRun))
            {
                if (snippet.IsServer)
                {
                    (SnippetProgram? before, server) = (server, null);
                    await StopAsync(before);
                    ports.Clear();
                    server = SnippetProgram.Start(SnippetProgram.Move(snippet, ports));
                    await MeetAsync(snippet, server, ports);
                }
                else if (snippet.IsClient && server is null)
                {
                    throw new SnippetException($"{snippet.Place}: a client needs a server before it in the document");
                }
                else
                {
                    await using SnippetProgram program = SnippetProgram.Start(SnippetProgram.Move(snippet, snippet.IsClient ? ports : []));
                    await program.EndsAsync();
                }
            }

            (SnippetProgram? last, server) = (server, null);
            await StopAsync(last);
        }
        finally
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Ctrl-C: the server ends without an error.</summary>
    private static async Task StopAsync(SnippetProgram? server)
    {
        if (server is not null)
        {
            await using (server)
            {
                server.Interrupt();
                await server.EndsAsync();
            }
        }
    }

    private static async Task MeetAsync(Snippet snippet, SnippetProgram server, Dictionary<int, int> ports)
    {
        if (ports.Count == 0)
        {
            throw new SnippetException($"{snippet.Place}: a server needs a port from 8000 to 8099");
        }

        int port = ports.Values.First();
        await server.AcceptsAsync(port);
        using var patience = new CancellationTokenSource(Patience);
        using var client = new ClientWebSocket();
        try
        {
            await client.ConnectAsync(new Uri($"ws://localhost:{port}/"), patience.Token);
            if (snippet.IsEcho)
            {
                await EchoAsync(client, WebSocketMessageType.Text, "Hello, κόσμε"u8.ToArray(), patience.Token);
                await EchoAsync(client, WebSocketMessageType.Binary, [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 31))], patience.Token);
            }

            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "seen", patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            throw server.Failure($"failed a client: {e.GetBaseException().Message}");
        }

        async Task EchoAsync(ClientWebSocket client, WebSocketMessageType type, byte[] sent, CancellationToken cancellationToken)
        {
            await client.SendAsync(sent.AsMemory(), type, endOfMessage: true, cancellationToken);
            using var received = new MemoryStream();
            var buffer = new byte[4096];
            ValueWebSocketReceiveResult result;
            do
            {
                result = await client.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                received.Write(buffer, 0, result.Count);
            }
            while (!result.EndOfMessage);
            if (result.MessageType != type || !received.ToArray().AsSpan().SequenceEqual(sent))
            {
                throw server.Failure($"is no echo server: a {type} message of {sent.Length} bytes was answered by {result.MessageType} of {received.Length} bytes");
            }
        }
    }
}
