// Messages: accepts one connection after another and echoes its messages, without a server class.
using Wspy;

using var listener = new WebSocketListener(new ServerOptions { Port = 8000 });
Console.WriteLine($"Listening on {listener.EndPoint}");
while (true)
{
    try
    {
        await using var connection = new Connection(await listener.AcceptAsync());
        await foreach (Message message in connection)
        {
            await connection.SendAsync(message);
        }

        Console.WriteLine(await connection.Closed);
    }
    catch (WspyException exception)
    {
        // One client's trouble, such as a plain HTTP request or a lost connection, does not end the program.
        Console.WriteLine(exception.Message);
    }
}
