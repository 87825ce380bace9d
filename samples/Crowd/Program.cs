// A crowd of clients on one thread: each says something to an echo server every second, and the total is printed.
//   dotnet run --project src/Wspy.Tool -- echo
//   dotnet run --project samples/Crowd -- ws://localhost:8000/ 1000
using System.Globalization;
using Wspy;

if (args is not [string url, string number] || !int.TryParse(number, CultureInfo.InvariantCulture, out int count))
{
    Console.Error.WriteLine("Usage: crowd URL COUNT, such as ws://localhost:8000/ 1000");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
await using var loop = new ConnectionLoop();
Visitor[] visitors = [.. Enumerable.Range(0, count).Select(_ => new Visitor())];
try
{
    await Parallel.ForEachAsync(visitors, stop.Token, async (visitor, cancellationToken) => await visitor.ConnectAsync(url, null, loop, cancellationToken));
    Console.WriteLine($"{loop.Connections:N0} connected, Ctrl-C to stop.");
    using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
    while (await second.WaitForNextTickAsync(stop.Token))
    {
        Console.WriteLine($"{Visitor.Heard:N0} answers from {loop.Connections:N0} connections");
        foreach (Visitor visitor in visitors)
        {
            // Closing is no error here: OnClose has told.
            visitor.Send("Hello?");
        }
    }
}
catch (OperationCanceledException)
{
    await Task.WhenAll(visitors.Where(visitor => visitor.IsOpen).Select(visitor => visitor.CloseAsync(CloseCode.GoingAway).AsTask()));
}
catch (Exception exception) when (exception is WspyException or System.Net.Sockets.SocketException or TimeoutException or ArgumentException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

return 0;

internal sealed class Visitor : AsyncConnection
{
    // All handlers run on the one thread of the loop; the other threads only look.
    private static long _heard;

    public static long Heard => Volatile.Read(ref _heard);

    protected override void OnMessage(MessageView message) => Volatile.Write(ref _heard, _heard + 1);

    protected override void OnClose(CloseInfo info)
    {
        if (info.Initiator != CloseInitiator.Local)
        {
            Console.Error.WriteLine($"{this} ended: {info}");
        }
    }
}
