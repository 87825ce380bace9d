using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>
/// A small client over plain sockets, and the driver that leads it through the cases of a suite. Without a mistake it is correct and
/// strict, and shares with the library no more than how a head is parsed and how UTF-8 is judged; with one it does just that one
/// thing wrong, on connections that are cases. What the driver asks it asks without.
/// </summary>
internal sealed class MistakenClient(IPEndPoint suite, Mistake mistake) : MistakenPeer(mistake), IDisposable
{
    private const string Agent = "mistaken";

    private readonly CancellationTokenSource _dying = new();

    public override void Die() => _dying.Cancel();

    public void Dispose() => _dying.Dispose();

    /// <summary>Runs all cases that the suite offers, some at a time; a client that has died comes for no more of them.</summary>
    public async Task RunAsync(int parallel)
    {
        // The suite's patience ends early, and on a busy machine before the request is there.
        string[] ids = [];
        for (int i = 0; i < 20 && ids.Length == 0; i++)
        {
            ids = (await AskAsync($"/cases?agent={Agent}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (id, _) => await RunCaseAsync($"/case?id={id}&agent={Agent}"));
        await AskAsync($"/done?agent={Agent}");
    }

    private async Task<string> AskAsync(string target)
    {
        using var asking = new MistakenClient(suite, Mistake.None);
        using Socket socket = await ConnectAsync();
        var connection = new MistakenConnection(asking, socket, PeerRole.Client, asking._dying.Token);
        await connection.RunAsync($"{suite}", target);
        return Encoding.UTF8.GetString(connection.Last);
    }

    private async Task RunCaseAsync(string target)
    {
        if (_dying.IsCancellationRequested)
        {
            return;
        }

        try
        {
            using Socket socket = await ConnectAsync();
            await new MistakenConnection(this, socket, PeerRole.Client, _dying.Token).RunAsync($"{suite}", target);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The suite has ended the connection, or the client dies.
            if (Mistake == Mistake.DiesOnResets && e is IOException)
            {
                Die();
            }
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(suite.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(suite);
        return socket;
    }
}
