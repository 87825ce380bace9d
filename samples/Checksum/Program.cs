// An extension of one's own: x-checksum, on a server and its clients in one process. The last client damages a message on purpose.
//   dotnet run --project samples/Checksum
using System.Text;
using Checksum;
using Wspy;
using Wspy.Extensions;

await using var server = new EchoServer(new ServerOptions { Port = 0, Extensions = [new ChecksumExtension(minSize: 4), new DeflateMessage()] });
server.Start();
string url = $"ws://localhost:{server.EndPoint.Port}/";

await TalkAsync("Checksums", new ClientOptions { Extensions = [new ChecksumExtension()] });

// What the client lists first works first: the checksum is of the message, and is compressed with it.
await TalkAsync("Checksums, compressed", new ClientOptions { Extensions = [new ChecksumExtension(minSize: 10), new DeflateMessage()] });
await TalkAsync("Without", new ClientOptions());
await DamageAsync();
await server.StopAsync();

async Task TalkAsync(string title, ClientOptions options)
{
    await using Connection connection = await Connection.ConnectAsync(url, options);
    Console.WriteLine($"{title}: [{ExtensionHeader.Format(connection.WebSocket.Extensions)}]");
    await connection.SendAsync("Hi!");
    Console.WriteLine($"  {await connection.ReceiveAsync()}");
    await connection.SendAsync(string.Join(' ', Enumerable.Repeat("again", 30)), fragmentSize: 50);
    Console.WriteLine($"  {await connection.ReceiveAsync()}");
    await connection.CloseAsync();
    Console.WriteLine($"  {await connection.Closed}");
}

async Task DamageAsync()
{
    Console.WriteLine("Damaged:");
    using WebSocket socket = await WebSocket.ConnectAsync(url, new ClientOptions { Extensions = [new ChecksumExtension()] });

    // A frame that has the extension's bit already goes out as it is: "Hello", and a checksum that is not its own.
    await socket.SendAsync(new Frame(Opcode.Text, Encoding.UTF8.GetBytes("Hello0000"), reserved: ReservedBits.Rsv2));
    if (await socket.ReceiveAsync() is ControlFrame { CloseCode: { } code } close)
    {
        Console.WriteLine($"  the server closes: {(int)code} {close.CloseReason}");
        await socket.SendAsync(ControlFrame.Close(code));
    }

    Console.WriteLine($"  and reports: {(await server.Failure).Message}");
}

internal sealed class EchoServer(ServerOptions options) : AsyncServer(options)
{
    private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What ended the first client that did not close in order.</summary>
    public Task<Exception> Failure => _failure.Task;

    protected override void OnMessage(Client client, Message message) => client.Send(message);

    protected override void OnClose(Client client, CloseInfo info)
    {
        if (info.Exception is { } failure)
        {
            _failure.TrySetResult(failure);
        }
    }
}
