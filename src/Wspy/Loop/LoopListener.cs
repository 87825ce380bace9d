using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>A listening socket that a poller watches.</summary>
/// <remarks>Used by its loop's thread only.</remarks>
internal abstract class LoopListener
{
    /// <summary>Takes a connection that waits.</summary>
    /// <param name="error">Why there is none: <see cref="SocketError.WouldBlock"/> when none waits.</param>
    public abstract LoopSocket? Accept(out SocketError error);

    /// <summary>Stops watching for a while, such as when descriptors have run out, or watches again.</summary>
    public abstract void Watch(bool watches);

    /// <summary>Stops watching for good; before the socket is disposed, which alone would not end it where another process has it as well.</summary>
    public abstract void Close();
}
