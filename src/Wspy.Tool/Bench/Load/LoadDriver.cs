namespace Wspy.Tool.Bench.Load;

/// <summary>A way to put load on a server: opens the connections, then runs once.</summary>
internal abstract class LoadDriver : IDisposable
{
    /// <summary>Such as "epoll", for the report.</summary>
    public abstract string Name { get; }

    /// <summary>Messages that came back, or handshakes that were done, since the run began, warm-up included; may be read at any time.</summary>
    public abstract long Count { get; }

    /// <summary>Those of the measured time, after the run.</summary>
    public abstract Latencies Latencies { get; }

    /// <summary>After a paced run: messages whose time had come, and that were not answered when it ended.</summary>
    public abstract long Unanswered { get; }

    /// <summary>The way that is best for this server on this system.</summary>
    public static LoadDriver Create(Uri server, Workload workload) =>
        Epoll.EpollDriver.IsSupported && server.Scheme is "ws" or "http"
            ? new Epoll.EpollDriver(server, workload)
            : new Portable.PortableDriver(server, workload);

    /// <summary>Opens all connections that are to be open when the run begins.</summary>
    /// <exception cref="LoadException">The server cannot be reached, or refuses.</exception>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Sends and receives until the window ends, or until it is cancelled, which is no error.</summary>
    /// <exception cref="LoadException">The server closed, broke a rule, or sent something else than an echo.</exception>
    public abstract Task RunAsync(LoadWindow window, CancellationToken cancellationToken);

    /// <summary>Drops all connections.</summary>
    public abstract void Dispose();
}
