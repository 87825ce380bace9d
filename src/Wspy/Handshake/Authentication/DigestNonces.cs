using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Wspy.Handshake;

/// <summary>The nonces of a server (RFC 7616 §3.3, §5.4): issued without memory, recognised by a secret, and counted once they are used.</summary>
/// <remarks>
/// A nonce is the time, 8 random bytes, and an HMAC of both. Only what came with the right password is remembered, so that nobody else can
/// fill the memory; when it is full, the nonces of that time and before are stale. Safe from any thread.
/// </remarks>
internal sealed class DigestNonces(TimeSpan lifetime, int capacity)
{
    private const int SignedSize = 16;
    private const int Size = SignedSize + 16;

    /// <summary>Counts this far behind the highest one may come late, from connections opened at the same time.</summary>
    private const int Window = 64;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Use> _uses = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private long _issuedAfter = long.MinValue;

    public string Issue(TimeSpan now)
    {
        Span<byte> nonce = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(nonce, (long)now.TotalMilliseconds);
        RandomNumberGenerator.Fill(nonce[8..SignedSize]);
        Sign(nonce[..SignedSize], nonce[SignedSize..]);
        return Convert.ToHexStringLower(nonce);
    }

    /// <summary>Takes a nonce and its count, which comes with the right password; false when the nonce is not ours or too old, or the count was used.</summary>
    public bool TryUse(string nonce, uint count, TimeSpan now)
    {
        if (!TryReadTime(nonce, out long issued) || count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            if (issued <= _issuedAfter || now.TotalMilliseconds - issued > lifetime.TotalMilliseconds)
            {
                return false;
            }

            if (!_uses.TryGetValue(nonce, out Use? use))
            {
                MakeRoom(now);
                if (issued <= _issuedAfter)
                {
                    return false;
                }

                _uses.Add(nonce, use = new Use(issued));
                _order.Enqueue(nonce);
            }

            return use.TryCount(count);
        }
    }

    private void MakeRoom(TimeSpan now)
    {
        while (_order.TryPeek(out string? oldest) && (_order.Count >= capacity || now.TotalMilliseconds - _uses[oldest].Issued > lifetime.TotalMilliseconds))
        {
            // What is forgotten must not come back as new.
            _issuedAfter = Math.Max(_issuedAfter, _uses[oldest].Issued);
            _uses.Remove(oldest);
            _order.Dequeue();
        }
    }

    private bool TryReadTime(string nonce, out long issued)
    {
        issued = 0;
        Span<byte> bytes = stackalloc byte[Size];
        Span<byte> signature = stackalloc byte[Size - SignedSize];
        if (nonce.Length != 2 * Size || nonce.AsSpan().ContainsAnyInRange('A', 'F')
            || Convert.FromHexString(nonce, bytes, out _, out int count) != System.Buffers.OperationStatus.Done || count != Size)
        {
            return false;
        }

        Sign(bytes[..SignedSize], signature);
        issued = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return CryptographicOperations.FixedTimeEquals(signature, bytes[SignedSize..]);
    }

    private void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, bytes, hash);
        hash[..signature.Length].CopyTo(signature);
    }

    private sealed class Use(long issued)
    {
        private uint _highest;

        // Bit n: the count n below the highest was used.
        private ulong _used;

        public long Issued => issued;

        public bool TryCount(uint count)
        {
            if (count > _highest)
            {
                uint step = count - _highest;
                _used = (step >= Window ? 0 : _used << (int)step) | 1;
                _highest = count;
                return true;
            }

            uint behind = _highest - count;
            if (behind >= Window || (_used & (1UL << (int)behind)) != 0)
            {
                return false;
            }

            _used |= 1UL << (int)behind;
            return true;
        }
    }
}
