using System.Collections.Concurrent;
using System.Net;

namespace Wspy.Conformance.Tests;

/// <summary>Wspy itself, strictly: not even informational outcomes. Of section 12 what needs an extension is unsupported.</summary>
public class WspyTests
{
    [Fact]
    public async Task The_server_passes_every_case()
    {
        await using var server = new EchoServer();

        SuiteResult result = await new ServerSuite(server.Url).RunAsync(ConformanceCatalogue.All);

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(IsAmiss).Select(item => item.ToString()));
    }

    [Fact]
    public async Task The_client_passes_every_case()
    {
        var done = new TaskCompletionSource<SuiteResult>();
        await using var suite = new ClientSuite(ConformanceCatalogue.All, new IPEndPoint(IPAddress.Loopback, 0)) { OnDone = done.SetResult };
        suite.Start();

        await DriveAsync($"ws://{suite.EndPoint}", "Wspy");
        SuiteResult result = await done.Task;

        Assert.Equal(suite.Cases.Count, result.Results.Count);
        Assert.Empty(result.Results.Where(IsAmiss).Select(item => item.ToString()));
    }

    private static bool IsAmiss(CaseResult result) => result.Verdict != Verdict.Passed && (result.Case.Section, result.Verdict) != (12, Verdict.Unsupported);

    /// <summary>All that a driver does.</summary>
    private static async Task DriveAsync(string url, string agent)
    {
        var ids = new ConcurrentQueue<string>(Ask($"{url}/cases").Split('\n'));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            while (ids.TryDequeue(out string? id))
            {
                Echo($"{url}/case?id={id}&agent={agent}");
            }
        })));
        Ask($"{url}/done?agent={agent}");
    }

    private static string Ask(string url)
    {
        using Connection connection = Connection.Connect(url);
        return ((TextMessage)connection.Receive()).Text;
    }

    private static void Echo(string url)
    {
        try
        {
            using Connection connection = Connection.Connect(url);
            while (true)
            {
                connection.Send(connection.Receive());
            }
        }
        catch (WspyException)
        {
            // The case is over; how it ended is for the suite to judge.
        }
    }
}
