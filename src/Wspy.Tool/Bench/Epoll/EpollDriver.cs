using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>Load by event loops over bare sockets, so lean that the server is what is measured: ws:// on Linux.</summary>
internal sealed class EpollDriver(Uri server, Workload workload) : LoadDriver
{
    private readonly FrameTemplate _template = FrameTemplate.Create(workload);
    private LoadLoop[] _loops = [];

    /// <value>The layouts of the calls are those of 64-bit Linux.</value>
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public override string Name => "epoll";

    public override long Count => _loops.Sum(loop => loop.Count);

    public override long Unanswered => _loops.Sum(loop => loop.Unanswered);

    public override Latencies Latencies
    {
        get
        {
            var all = new Latencies();
            foreach (LoadLoop loop in _loops)
            {
                all.Add(loop.Latencies);
            }

            return all;
        }
    }

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        RaiseLimitOfFiles();
        ServerAddress address = await ServerAddress.FindAsync(server, workload.Patience, cancellationToken).ConfigureAwait(false);
        int count = Math.Clamp(workload.Connections, 1, workload.Threads);
        _loops = new LoadLoop[count];
        for (int i = 0; i < count; i++)
        {
            _loops[i] = new LoadLoop(server, address, workload, _template, Share(workload.Connections, i, count), Share(workload.Idle, i, count));
        }

        await InThreadsAsync(loop => loop.Open(cancellationToken)).ConfigureAwait(false);
    }

    public override Task RunAsync(LoadWindow window, CancellationToken cancellationToken) =>
        InThreadsAsync(loop => loop.Run(window, cancellationToken));

    public override void Dispose()
    {
        foreach (LoadLoop loop in _loops)
        {
            loop?.Dispose();
        }
    }

    // As evenly as it goes.
    private static int Share(int whole, int index, int count) => (whole / count) + (index < whole % count ? 1 : 0);

    // A loop that fails leaves the others waiting in vain: its error ends them.
    private async Task InThreadsAsync(Action<LoadLoop> work)
    {
        Task[] threads = [.. _loops.Select(loop => Task.Factory.StartNew(
            () => Guarded(work, loop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(threads).ConfigureAwait(false);
    }

    private void Guarded(Action<LoadLoop> work, LoadLoop loop)
    {
        try
        {
            work(loop);
        }
        catch (Exception)
        {
            foreach (LoadLoop other in _loops)
            {
                other.Stop();
            }

            throw;
        }
    }

    // Each connection is a file; the usual soft limit is 1,024, and the hard one far above.
    private static unsafe void RaiseLimitOfFiles()
    {
        Native.ResourceLimit limit;
        if (Native.GetLimit(Native.LimitOfFiles, &limit) == 0 && limit.Soft < limit.Hard)
        {
            limit.Soft = limit.Hard;
            // Where even that is refused, opening fails with a message about the limit.
            _ = Native.SetLimit(Native.LimitOfFiles, &limit);
        }
    }
}
