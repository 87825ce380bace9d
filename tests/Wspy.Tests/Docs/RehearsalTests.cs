namespace Wspy.Tests.Docs;

public class RehearsalTests
{
    // An echo server without the library, so that the mechanism is proven by itself; SIGINT ends it with exit code 0.
    private const string Server = """
        using System.Net;
        using System.Net.Sockets;
        using System.Net.WebSockets;
        using System.Runtime.InteropServices;
        using System.Security.Cryptography;
        using System.Text;

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => { context.Cancel = true; stop.Cancel(); });
        using var listener = new TcpListener(IPAddress.Loopback, 8000);
        listener.Start();
        while (!stop.IsCancellationRequested)
        {
            try { _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)); }
            catch (OperationCanceledException) { }
        }

        static async Task ServeAsync(TcpClient client)
        {
            using var stream = client.GetStream();
            using var head = new StreamReader(stream, leaveOpen: true);
            string key = "";
            while (await head.ReadLineAsync() is { Length: > 0 } line)
            {
                if (line.StartsWith("Sec-WebSocket-Key: ")) key = line[19..];
            }

            string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
            using var socket = WebSocket.CreateFromStream(stream, isServer: true, null, TimeSpan.Zero);
            var buffer = new byte[100_000];
            int count = 0;
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(count), default);
                count += result.Count;
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, default);
                    return;
                }

                if (result.EndOfMessage)
                {
                    await socket.SendAsync(buffer.AsMemory(0, count), result.MessageType, true, default);
                    count = 0;
                }
            }
        }

        """;

    private const string Client = """
        using System.Net.WebSockets;
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri("ws://localhost:8000/"), default);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);

        """;

    [Fact]
    public Task A_server_and_its_client_run_together() => Rehearsal.RunAsync([Program("server echo", Server), Program("client", Client), Program("client", Client)]);

    [Fact]
    public Task What_is_not_called_a_program_is_not_run() => Rehearsal.RunAsync([Program("", "Environment.Exit(1);\n"), Program("fragment", "Environment.Exit(1);\n")]);

    [Theory]
    [InlineData("run", "Console.WriteLine(\"I saw it coming\");\nthrow new InvalidOperationException();\n", "x.md(7): the program ended with exit code *I saw it coming*")]
    [InlineData("run", "return 3;\n", "x.md(7): the program ended with exit code 3*")]
    [InlineData("client", Client, "x.md(7): a client needs a server before it in the document")]
    [InlineData("server", "Console.WriteLine(8000);\n", "x.md(7): the program ended instead of serving*")]
    [InlineData("server", "Console.WriteLine();\n", "x.md(7): a server needs a port from 8000 to 8099")]
    [InlineData("run", "Missing();\n", "x.md(7,1): CS0103*")]
    public async Task A_program_that_fails_is_reported_with_its_output(string words, string code, string message)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Rehearsal.RunAsync([Program(words, code)]));

        Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(message).Replace("\\*", "(.|\n)*", StringComparison.Ordinal) + "$", error.Message);
    }

    [Fact]
    public async Task A_server_that_is_no_echo_is_reported()
    {
        string mute = Server.Replace("buffer.AsMemory(0, count), result", "buffer.AsMemory(0, 1), result", StringComparison.Ordinal);

        var error = await Assert.ThrowsAsync<SnippetException>(() => Rehearsal.RunAsync([Program("server echo", mute)]));

        Assert.StartsWith("x.md(7): the program is no echo server: a Text message of 17 bytes was answered by Text of 1 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_stop_gracefully_is_reported()
    {
        string rude = Server.Replace("stop.Cancel();", "Environment.Exit(5);", StringComparison.Ordinal);

        var error = await Assert.ThrowsAsync<SnippetException>(() => Rehearsal.RunAsync([Program("server", rude)]));

        Assert.StartsWith("x.md(7): the program ended with exit code 5", error.Message, StringComparison.Ordinal);
    }

    private static Snippet Program(string words, string code) => new("x.md", 7, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), code);
}
