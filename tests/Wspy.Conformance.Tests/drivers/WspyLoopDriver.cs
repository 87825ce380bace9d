using Wspy.Extensions;

namespace Wspy.Conformance.Tests.Drivers;

/// <summary>Leads Wspy's own client through the cases of a suite, by connections that share an event loop.</summary>
internal static class WspyLoopDriver
{
    private static readonly ClientOptions Options = new() { Extensions = [new DeflateMessage()] };

    public static async Task<string> RunAsync(string url, string agent, int parallel, PollerKind poller)
    {
        await using var loop = new ConnectionLoop(new ConnectionLoopOptions { Poller = poller });
        string[] cases = (await PlayAsync($"{url}/cases?agent={agent}", loop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel };
        await Parallel.ForEachAsync(cases, options, async (id, _) => await PlayAsync($"{url}/case?id={id}&agent={agent}", loop));
        return await PlayAsync($"{url}/done?agent={agent}", loop);
    }

    /// <summary>Opens a URL, sends every message back, and returns the last one when the connection ends, however it ends.</summary>
    private static async Task<string> PlayAsync(string url, ConnectionLoop loop)
    {
        await using var echo = new Echo();
        try
        {
            await echo.ConnectAsync(url, Options, loop);
            await echo.Closed;
        }
        catch (Exception e) when (e is WspyException or IOException)
        {
            // What went wrong is for the suite to judge.
        }

        return echo.Last;
    }

    private sealed class Echo : AsyncConnection
    {
        public string Last { get; private set; } = "";

        protected override void OnMessage(MessageView message)
        {
            Last = message.Payload.Length < 1 << 20 ? $"{message.ToMessage()}" : "";
            Send(message);
        }
    }
}
