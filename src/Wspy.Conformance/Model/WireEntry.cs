namespace Wspy.Conformance;

/// <summary>Something that went over the wire.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
/// <param name="At">Since the connection was begun.</param>
/// <param name="Direction">Who sent it.</param>
/// <param name="Size">How many bytes there were.</param>
/// <param name="Bytes">The first of these bytes, in wire order: all of them unless there are very many.</param>
/// <param name="Text">What the bytes mean: frames, a head, an end; one line each.</param>
public sealed record WireEntry(TimeSpan At, WireDirection Direction, long Size, ReadOnlyMemory<byte> Bytes, string Text);

/// <summary>Which way something went.</summary>
public enum WireDirection
{
    /// <summary>From the suite to the peer under test.</summary>
    Sent,

    /// <summary>From the peer under test to the suite.</summary>
    Received,

    /// <summary>Neither: a remark of the suite.</summary>
    Remark,
}
