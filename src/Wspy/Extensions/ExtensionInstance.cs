using System.Buffers;

namespace Wspy.Extensions;

/// <summary>An extension at work on one connection: it makes what is sent, and takes back what was made by the peer, piece by piece.</summary>
/// <remarks>
/// <para>The connection calls it, disposes it, and calls it no more then. The calls for what is received are one after another, and so
/// are those for what is sent; but the two sides may run on different threads at a time, and a call for what is sent may be under way when the end of the
/// connection disposes it. Spans are valid during the call only.</para>
/// <para>Nothing here may block, or call the connection: what is received is worked on under its lock.</para>
/// <para>An exception fails this connection with 1011 and no other.</para>
/// </remarks>
public abstract class ExtensionInstance : IDisposable
{
    /// <summary>Creates an instance.</summary>
    /// <param name="extension">Whose it is; its claims hold for the connection.</param>
    protected ExtensionInstance(Extension extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        Extension = extension;
    }

    /// <summary>Whose instance it is.</summary>
    public Extension Extension { get; }

    /// <summary>Whether it works on messages or on frames; always the same.</summary>
    public abstract ExtensionUnit Unit { get; }

    /// <summary>
    /// Equal (<see cref="object.Equals(object)"/>) for all instances that make the same of a message, whatever they sent before it, and remember nothing
    /// of it: a <see cref="PreparedMessage"/> goes through one of them, and is sent by all. Always the same; kept by the prepared message.
    /// </summary>
    /// <value>Default <see langword="null"/>: no other does the same.</value>
    public virtual object? SharedForm => null;

    /// <summary>After how long without a call to <see cref="Send"/> to call <see cref="ReleaseIdle"/>; always the same.</summary>
    /// <value>Default infinite: never.</value>
    public virtual TimeSpan IdleTime => Timeout.InfiniteTimeSpan;

    /// <summary>Gives back what the next <see cref="BeginSend"/> can make anew. Called on the side that sends, where none of its other calls is under way; it may be in the middle of a message.</summary>
    public virtual void ReleaseIdle()
    {
    }

    /// <summary>A message or frame begins to be received.</summary>
    /// <param name="opcode">Text, binary, for a frame continuation, or a reserved one that an extension claims.</param>
    /// <param name="reserved">Those of the reserved bits that the extension claims.</param>
    /// <returns>Whether its payload is to go through <see cref="Receive"/>; otherwise it is left as it is.</returns>
    public abstract bool BeginReceive(Opcode opcode, ReservedBits reserved);

    /// <summary>Takes back what the peer's instance did, as far as the output reaches.</summary>
    /// <param name="input">The next part of the payload; on return, what was not taken yet. May be empty.</param>
    /// <param name="output">Where the result goes: at least one byte. After a call that took nothing and wrote nothing, at least 4,096.</param>
    /// <param name="written">How much of it there is.</param>
    /// <param name="end">Whether the message or frame ends with this input. There is a last call with it, for an empty payload as well.</param>
    /// <returns><see cref="ExtensionStatus.NeedsInput"/> when all input was taken and all that it yields was written, <see cref="ExtensionStatus.NeedsOutput"/> to be called again.</returns>
    public abstract ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end);

    /// <summary>A message or frame begins to be sent.</summary>
    /// <param name="opcode">Text, binary, for a frame continuation, or a reserved one that an extension claims.</param>
    /// <param name="payload">The first part of the payload, which goes through <see cref="Send"/> as well.</param>
    /// <param name="end">Whether it is all of it.</param>
    /// <returns>The reserved bits to set, of those that the extension claims; none to leave the payload as it is.</returns>
    public abstract ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end);

    /// <summary>Does to the payload what the peer's instance takes back.</summary>
    /// <param name="input">The next part of the payload, which is taken whole.</param>
    /// <param name="output">Where the result goes; what comes later may be held back until the end.</param>
    /// <param name="end">Whether the message or frame ends with this input.</param>
    public abstract void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end);

    /// <summary>Judges the result for a payload that was given to <see cref="Send"/> as one part.</summary>
    /// <param name="size">The size of the payload in bytes.</param>
    /// <param name="result">The size of what became of it.</param>
    /// <returns>Whether the result is sent; otherwise the payload goes out as it is, without reserved bits.</returns>
    public virtual bool KeepsResult(long size, long result) => true;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the instance holds. Called once the connection has ended, or when it did not come about.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
