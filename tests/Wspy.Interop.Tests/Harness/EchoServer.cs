namespace Wspy.Interop.Tests.Harness;

/// <summary>An echo server on a port of its own, and what it saw.</summary>
internal abstract class EchoServer : IAsyncDisposable
{
    public EventLog Events { get; } = new();

    public abstract int Port { get; }

    /// <summary>Where clients connect to.</summary>
    public Uri Url(bool secure, string path = "/echo") => new($"{(secure ? "wss" : "ws")}://127.0.0.1:{Port}{path}");

    public abstract ValueTask DisposeAsync();
}
