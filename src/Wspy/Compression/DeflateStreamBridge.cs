using System.IO.Compression;
using Wspy.Buffers;

namespace Wspy.Compression;

/// <summary>
/// A <see cref="DeflateStream"/> over a stream in memory that is fed and emptied from outside: the one place below the transports
/// where a stream is named, and one that does no I/O.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class DeflateStreamBridge : IDisposable
{
    private readonly Ends _ends = new();
    private readonly DeflateStream _stream;

    /// <summary>Compresses.</summary>
    public DeflateStreamBridge(DeflateSettings settings) => _stream = new DeflateStream(
        _ends,
        new ZLibCompressionOptions { CompressionLevel = settings.Level, CompressionStrategy = (ZLibCompressionStrategy)settings.Strategy },
        leaveOpen: true);

    /// <summary>Inflates.</summary>
    public DeflateStreamBridge() => _stream = new DeflateStream(_ends, CompressionMode.Decompress, leaveOpen: true);

    /// <summary>What was compressed so far and not fetched.</summary>
    public bool HasOutput => _ends.Fetched < _ends.Written.Count;

    /// <summary>Whether the last <see cref="Read"/> asked for a byte that was not there.</summary>
    public bool Starved => _ends.Starved;

    public void Write(ReadOnlySpan<byte> input) => _stream.Write(input);

    public void Flush() => _stream.Flush();

    public int Fetch(Span<byte> output)
    {
        int count = Math.Min(output.Length, _ends.Written.Count - _ends.Fetched);
        _ends.Written.WrittenSpan.Slice(_ends.Fetched, count).CopyTo(output);
        _ends.Fetched += count;
        if (!HasOutput)
        {
            _ends.Written.Clear(keepArray: true);
            _ends.Fetched = 0;
        }

        return count;
    }

    /// <summary>Gives the next byte to inflate. One at a time, so that none is taken beyond a final block.</summary>
    public void Feed(byte next) => _ends.Next = next;

    /// <exception cref="InvalidDataException">What was fed is not deflate.</exception>
    public int Read(Span<byte> output)
    {
        _ends.Starved = false;
        try
        {
            return _stream.Read(output);
        }
        catch (InvalidDataException) when (_ends.Starved)
        {
            // With the switch System.IO.Compression.UseStrictValidation, a stream without more bytes counts as one that was cut off.
            return 0;
        }
    }

    /// <summary>Writes the final block of what was compressed; the output can still be fetched.</summary>
    public void Finish() => _stream.Dispose();

    /// <summary>Writes a final block after nothing, which <see cref="DeflateStream"/> leaves out: one with the fixed code that ends at once.</summary>
    public void WriteEmptyEnd() => _ends.Write([0x03, 0x00]);

    public void Dispose()
    {
        _stream.Dispose();
        _ends.Dispose();
    }

    /// <summary>What the stream writes is gathered, and what it reads is the byte that was put there.</summary>
    private sealed class Ends : Stream
    {
        public PooledBuffer Written { get; } = new();

        public int Fetched { get; set; }

        public byte? Next { get; set; }

        public bool Starved { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (Next is not { } next)
            {
                Starved = true;
                return 0;
            }

            buffer[0] = next;
            Next = null;
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            buffer.CopyTo(Written.GetSpan(buffer.Length));
            Written.Advance(buffer.Length);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Written.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
