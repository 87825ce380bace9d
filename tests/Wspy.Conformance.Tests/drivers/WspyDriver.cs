using System.Collections.Concurrent;
using Wspy.Extensions;

namespace Wspy.Conformance.Tests.Drivers;

/// <summary>Leads Wspy's own client through the cases of a suite, by its blocking calls.</summary>
internal static class WspyDriver
{
    private static readonly ClientOptions Options = new() { Extensions = [new DeflateMessage()] };

    public static string Run(string url, string agent, int parallel)
    {
        var cases = new ConcurrentQueue<string>(Play($"{url}/cases?agent={agent}").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Thread[] threads = [.. Enumerable.Range(0, parallel).Select(_ => new Thread(() =>
        {
            while (cases.TryDequeue(out string? id))
            {
                Play($"{url}/case?id={id}&agent={agent}");
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return Play($"{url}/done?agent={agent}");
    }

    /// <summary>Opens a URL, sends every message back, and returns the last one when the connection ends, however it ends.</summary>
    private static string Play(string url)
    {
        string last = "";
        try
        {
            using Connection connection = Connection.Connect(url, Options);
            while (true)
            {
                Message message = connection.Receive();
                last = $"{message}";
                connection.Send(message);
            }
        }
        catch (Exception e) when (e is WspyException or IOException)
        {
            // The end; what went wrong is for the suite to judge.
        }

        return last;
    }
}
