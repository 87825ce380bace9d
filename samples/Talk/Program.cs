// A client that talks to any URL: lines from the keyboard go out, messages are printed as they come.
//   dotnet run --project samples/Talk -- ws://localhost:8000/
using Wspy;

if (args is not [string url])
{
    Console.Error.WriteLine("Usage: talk URL, such as ws://localhost:8000/");
    return 2;
}

try
{
    await using Connection connection = await Connection.ConnectAsync(url);
    Console.WriteLine($"Connected to {connection.RemoteEndPoint}; an empty line closes.");
    Task printing = PrintAsync(connection);
    while (connection.IsOpen && await Console.In.ReadLineAsync() is { Length: > 0 } line)
    {
        await connection.SendAsync(line);
    }

    await connection.CloseAsync();
    await printing;
    Console.WriteLine(await connection.Closed);
    return 0;
}
catch (Exception exception) when (exception is WspyException or System.Net.Sockets.SocketException or TimeoutException or ArgumentException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static async Task PrintAsync(Connection connection)
{
    await foreach (Message message in connection)
    {
        Console.WriteLine(message);
    }
}
