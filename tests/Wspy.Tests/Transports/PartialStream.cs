namespace Wspy.Tests.Transports;

/// <summary>Delivers and takes bytes in pieces of random sizes, one byte as often as not. It knows no time-outs and no half-close.</summary>
internal sealed class PartialStream(Stream inner, int seed, int mostBytes) : StreamWrapper(inner)
{
    private readonly Random _reads = new(seed);
    private readonly Random _writes = new(seed + 1);

    public override int Read(Span<byte> buffer) => Inner.Read(buffer[..Piece(_reads, buffer.Length)]);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Inner.ReadAsync(buffer[..Piece(_reads, buffer.Length)], cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Piece(_writes, buffer.Length);
            Inner.Write(buffer[..count]);
            buffer = buffer[count..];
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int count = Piece(_writes, buffer.Length);
            await Inner.WriteAsync(buffer[..count], cancellationToken);
            buffer = buffer[count..];
        }
    }

    private int Piece(Random random, int most) => Math.Min(most, random.Next(2) == 0 ? 1 : random.Next(1, mostBytes + 1));
}
