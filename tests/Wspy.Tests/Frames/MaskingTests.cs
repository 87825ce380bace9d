using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CsCheck;

namespace Wspy.Tests;

/// <summary>Masking (RFC 6455 §5.3) against the definition, byte by byte.</summary>
public class MaskingTests
{
    private const int MaxLength = 600;
    private const int MaxOffset = 64;
    private const byte Guard = 0xA5;

    /// <summary>Wire order 37 FA 21 3D, the key of the RFC's example (§5.7).</summary>
    private const uint Key = 0x3D21FA37;

    private static readonly byte[] Data = Bytes(1 << 20);

    [Fact]
    public void The_example_of_the_RFC_5_7()
    {
        byte[] hello = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        Masking.Apply(hello, Key);
        Assert.Equal("Hello"u8, hello);
    }

    [Fact]
    public void Every_length_at_every_offset_in_place_leaves_what_is_around_untouched() =>
        EveryLengthAndOffset(0, static (source, destination, key) =>
        {
            source.CopyTo(destination);
            return Masking.Apply(destination, key);
        });

    [Fact]
    public void Every_length_at_every_offset_copied_leaves_what_is_around_untouched() =>
        EveryLengthAndOffset(0, static (source, destination, key) => Masking.Apply(source, destination, key));

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Every_width_that_this_machine_has_agrees(int bits)
    {
        Assert.SkipUnless(IsAccelerated(bits), $"this machine has no {bits}-bit vectors");
        EveryLengthAndOffset(bits / 8, (source, destination, key) =>
        {
            source.CopyTo(destination);
            ApplyWidth(bits, destination, destination, key);
            return Masking.Rotate(key, source.Length);
        });
        EveryLengthAndOffset(bits / 8, (source, destination, key) =>
        {
            ApplyWidth(bits, source, destination, key);
            return Masking.Rotate(key, source.Length);
        });
    }

    [Fact]
    public void Every_split_in_two_gives_the_same_octets()
    {
        for (int length = 0; length <= 200; length++)
        {
            byte[] expected = Oracle(Data.AsSpan(0, length), Key);
            for (int split = 0; split <= length; split++)
            {
                byte[] actual = Data[..length];
                uint next = Masking.Apply(actual.AsSpan(0, split), Key);
                uint last = Masking.Apply(actual.AsSpan(split), next);
                Assert.True(actual.AsSpan().SequenceEqual(expected), $"length {length}, split {split}");
                Assert.Equal(Masking.Rotate(Key, length), last);
            }
        }
    }

    [Fact]
    public void Random_lengths_keys_and_splits_give_the_same_octets() =>
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.UInt, Gen.Int[0, 700].Array[0, 12]).Sample(
            (data, key, cuts) =>
            {
                byte[] actual = new byte[data.Length];
                uint next = key;
                int from = 0;
                foreach (int cut in cuts.Append(data.Length))
                {
                    int length = Math.Min(cut, data.Length - from);
                    next = Masking.Apply(data.AsSpan(from, length), actual.AsSpan(from), next);
                    from += length;
                }

                return actual.AsSpan().SequenceEqual(Oracle(data, key));
            },
            iter: 300);

    [Theory]
    [InlineData((1 << 20) - 64)]
    [InlineData((1 << 20) - 65)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    public void Huge_payloads(int length)
    {
        byte[] expected = Oracle(Data.AsSpan(0, length), Key);
        byte[] copied = new byte[length];
        Masking.Apply(Data.AsSpan(0, length), copied, Key);
        Assert.True(copied.AsSpan().SequenceEqual(expected));
        Masking.Apply(copied, Key);
        Assert.True(copied.AsSpan().SequenceEqual(Data.AsSpan(0, length)));
    }

    [Fact]
    public void Source_and_destination_may_overlap_in_any_way()
    {
        int[] lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 300, 600];
        foreach (int length in lengths)
        {
            byte[] expected = Oracle(Data.AsSpan(100, length), Key);
            for (int shift = -100; shift <= 100; shift++)
            {
                byte[] buffer = Data[..900];
                Masking.Apply(buffer.AsSpan(100, length), buffer.AsSpan(100 + shift, length), Key);
                Assert.True(buffer.AsSpan(100 + shift, length).SequenceEqual(expected), $"length {length}, shifted by {shift}");
                Assert.True(buffer.AsSpan(0, 100 + Math.Min(shift, 0)).SequenceEqual(Data.AsSpan(0, 100 + Math.Min(shift, 0))));
                int end = 100 + length + Math.Max(shift, 0);
                Assert.True(buffer.AsSpan(end).SequenceEqual(Data.AsSpan(end, 900 - end)));
            }
        }
    }

    [Fact]
    public void Nothing_outside_the_span_is_touched_at_the_edge_of_a_page()
    {
        Assert.SkipUnless(GuardedBuffer.IsSupported, "guard pages are set up for Linux only");
        using GuardedBuffer source = new(MaxLength);
        using GuardedBuffer destination = new(MaxLength);
        for (int length = 0; length <= MaxLength; length++)
        {
            byte[] expected = Oracle(Data.AsSpan(0, length), Key);
            Data.AsSpan(0, length).CopyTo(source.First(length));
            Masking.Apply(source.First(length), destination.Last(length), Key);
            Assert.True(destination.Last(length).SequenceEqual(expected));
            Data.AsSpan(0, length).CopyTo(source.Last(length));
            Masking.Apply(source.Last(length), destination.First(length), Key);
            Assert.True(destination.First(length).SequenceEqual(expected));
            Masking.Apply(source.Last(length), Key);
            Assert.True(source.Last(length).SequenceEqual(expected));
        }
    }

    [Fact]
    public void A_destination_too_short_is_refused_before_anything_is_written()
    {
        byte[] destination = new byte[9];
        ArgumentException error = Assert.Throws<ArgumentException>(() => Masking.Apply(Data.AsSpan(0, 10), destination, Key));
        Assert.Equal("destination", error.ParamName);
        Assert.Equal(new byte[9], destination);
    }

    [Theory]
    [InlineData(0, 0x04030201u)]
    [InlineData(1, 0x01040302u)]
    [InlineData(2, 0x02010403u)]
    [InlineData(3, 0x03020104u)]
    [InlineData(4, 0x04030201u)]
    [InlineData((1L << 40) + 1, 0x01040302u)]
    [InlineData(long.MaxValue, 0x03020104u)]
    public void The_key_rotates_by_the_octets_passed(long count, uint expected) => Assert.Equal(expected, Masking.Rotate(0x04030201, count));

    [Fact]
    public void Nothing_is_allocated()
    {
        byte[] buffer = new byte[5000];
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            for (int length = 0; length < buffer.Length; length += 7)
            {
                Masking.Apply(buffer.AsSpan(0, length), Key);
                Masking.Apply(Data.AsSpan(0, length), buffer, Key);
                Masking.Apply(buffer.AsSpan(0, length), buffer.AsSpan(1), Key);
            }
        }
    }

    private delegate uint Mask(ReadOnlySpan<byte> source, Span<byte> destination, uint key);

    private static void EveryLengthAndOffset(int minLength, Mask mask)
    {
        byte[] buffer = new byte[MaxOffset + MaxLength + MaxOffset];
        for (int length = minLength; length <= MaxLength; length++)
        {
            byte[] expected = Oracle(Data.AsSpan(0, length), Key);
            for (int offset = 0; offset <= MaxOffset; offset++)
            {
                buffer.AsSpan().Fill(Guard);
                uint next = mask(Data.AsSpan(0, length), buffer.AsSpan(offset, length), Key);
                if (!buffer.AsSpan(offset, length).SequenceEqual(expected)
                    || buffer.AsSpan(0, offset).ContainsAnyExcept(Guard)
                    || buffer.AsSpan(offset + length).ContainsAnyExcept(Guard)
                    || next != Masking.Rotate(Key, length))
                {
                    Assert.Fail($"length {length}, offset {offset}");
                }
            }
        }
    }

    private static void ApplyWidth(int bits, ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        nuint length = (nuint)source.Length;
        switch (bits)
        {
            case 128: Masking.ApplyBlocks<Masking.Width128, Vector128<byte>>(ref from, ref to, length, key); break;
            case 256: Masking.ApplyBlocks<Masking.Width256, Vector256<byte>>(ref from, ref to, length, key); break;
            default: Masking.ApplyBlocks<Masking.Width512, Vector512<byte>>(ref from, ref to, length, key); break;
        }
    }

    private static bool IsAccelerated(int bits) => bits switch
    {
        128 => Vector128.IsHardwareAccelerated,
        256 => Vector256.IsHardwareAccelerated,
        _ => Vector512.IsHardwareAccelerated,
    };

    /// <summary>RFC 6455 §5.3, to the letter: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4).</summary>
    private static byte[] Oracle(ReadOnlySpan<byte> data, uint key)
    {
        byte[] octets = [(byte)key, (byte)(key >> 8), (byte)(key >> 16), (byte)(key >> 24)];
        byte[] masked = new byte[data.Length];
        for (int i = 0; i < masked.Length; i++)
        {
            masked[i] = (byte)(data[i] ^ octets[i % 4]);
        }

        return masked;
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
