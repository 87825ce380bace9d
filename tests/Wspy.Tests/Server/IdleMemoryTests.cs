using System.Diagnostics;
using System.Globalization;
using System.Net;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What a client takes that says nothing, in a process that does nothing else.</summary>
public class IdleMemoryTests
{
    private const int Clients = 4000;

    /// <summary>Bytes of managed memory, as the documents promise.</summary>
    private const int MaxEach = 1024;

    [Fact]
    public async Task An_idle_client_of_a_loop_takes_at_most_a_kibibyte()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, Environment = { [ChildServer.Variable] = $"{ServerEngine.Epoll}" } };
        using Process child = Process.Start(start)!;
        var idle = new List<RawClient>();
        try
        {
            string? port = await child.StandardOutput.ReadLineAsync().WaitAsync(Link.Limit);
            IPEndPoint server = IPEndPoint.Parse($"127.0.0.1:{port}");
            using var asking = Connection.Connect($"ws://{server}/");
            await OpenAsync(idle, server, 10);
            Ask(asking);
            long before = Ask(asking);

            await OpenAsync(idle, server, Clients);

            Assert.InRange((Ask(asking) - before) / Clients, 1, MaxEach);
        }
        finally
        {
            idle.ForEach(static client => client.Dispose());
            child.Kill();
        }
    }

    private static async Task OpenAsync(List<RawClient> clients, IPEndPoint server, int count)
    {
        for (int i = 0; i < count; i++)
        {
            clients.Add(new RawClient(server));
            clients[^1].Send(RawClient.Upgrade());
            Assert.StartsWith("HTTP/1.1 101 ", await clients[^1].ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    private static long Ask(Connection connection)
    {
        connection.Send(ChildServer.Memory);
        return long.Parse(connection.Receive(Link.Limit).ToString()!, CultureInfo.InvariantCulture);
    }
}
