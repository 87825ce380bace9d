using System.Net.WebSockets;
using System.Text;

namespace Wspy.Conformance.Tests.Drivers;

/// <summary>Leads the platform's <see cref="ClientWebSocket"/> through the cases of a suite.</summary>
internal static class PlatformDriver
{
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
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        byte[] buffer = new byte[64 << 10];
        int size = 0;
        int last = 0;
        try
        {
            await client.ConnectAsync(new Uri(url), CancellationToken.None);
            while (await client.ReceiveAsync(buffer.AsMemory(size), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
            {
                size += part.Count;
                Array.Resize(ref buffer, size == buffer.Length ? 2 * size : buffer.Length);
                if (part.EndOfMessage)
                {
                    (last, size) = (size, 0);
                    await client.SendAsync(buffer.AsMemory(0, last), part.MessageType, true, CancellationToken.None);
                }
            }

            await client.CloseAsync(client.CloseStatus!.Value, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ArgumentException or InvalidOperationException)
        {
            // What went wrong is for the suite to judge.
        }

        return Encoding.UTF8.GetString(buffer, 0, last);
    }
}
