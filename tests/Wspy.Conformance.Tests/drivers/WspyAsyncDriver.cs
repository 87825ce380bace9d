using Wspy.Extensions;

namespace Wspy.Conformance.Tests.Drivers;

/// <summary>Leads Wspy's own client through the cases of a suite, by its asynchronous calls.</summary>
internal static class WspyAsyncDriver
{
    private static readonly ClientOptions Options = new() { Extensions = [new DeflateMessage()] };

    public static async Task<string> RunAsync(string url, string agent, int parallel)
    {
        string[] cases = (await PlayAsync($"{url}/cases?agent={agent}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel };
        await Parallel.ForEachAsync(cases, options, async (id, _) => await PlayAsync($"{url}/case?id={id}&agent={agent}"));
        return await PlayAsync($"{url}/done?agent={agent}");
    }

    /// <summary>Opens a URL, sends every message back, and returns the last one when the connection ends, however it ends.</summary>
    private static async Task<string> PlayAsync(string url)
    {
        string last = "";
        try
        {
            await using Connection connection = await Connection.ConnectAsync(url, Options);
            await foreach (Message message in connection)
            {
                last = $"{message}";
                await connection.SendAsync(message);
            }
        }
        catch (Exception e) when (e is WspyException or IOException)
        {
            // What went wrong is for the suite to judge.
        }

        return last;
    }
}
