using CsCheck;

namespace Wspy.Tests;

public class MessageAssemblerTests
{
    /// <summary>The least that is allocated, and rounded up by the pool.</summary>
    private const int Floor = 1024;

    [Fact]
    public void Pieces_are_joined_and_never_more_is_held_than_four_times_what_came()
    {
        Gen.Select(Gen.Int[0, 5000].Array[1, 12], Gen.Long[0, long.MaxValue], Gen.Bool).Sample((sizes, declared, direct) =>
        {
            using var assembler = new MessageAssembler();
            List<byte> expected = [];
            foreach (int size in sizes)
            {
                if (direct && size > 0)
                {
                    Memory<byte> tail = assembler.GetTail(Math.Max(declared, 1));
                    int count = Math.Min(size, tail.Length);
                    Assert.InRange(tail.Length, 1, Math.Max(declared, 1));
                    tail.Span[..count].Fill((byte)size);
                    Assert.Equal(count, assembler.Commit(count).Length);
                    expected.AddRange(tail.Span[..count]);

                    // The tail was made for one byte more than had come before.
                    Assert.InRange(assembler.Capacity, 0, Math.Max(Floor, 4 * (expected.Count - count + 1)));
                }
                else
                {
                    byte[] piece = new byte[size];
                    piece.AsSpan().Fill((byte)size);
                    assembler.Append(piece, declared);
                    expected.AddRange(piece);
                    Assert.InRange(assembler.Capacity, 0, Math.Max(Floor, 4 * expected.Count));
                }
            }

            Assert.Equal(expected.Count, assembler.Count);
            Assert.True(assembler.Written.SequenceEqual([.. expected]));
        }, iter: 500);
    }

    [Theory]
    [InlineData(1025)]
    [InlineData(1500)]
    [InlineData(70_000)]
    public void The_rounding_of_the_pool_is_part_of_what_is_held(int size)
    {
        using var assembler = new MessageAssembler();
        assembler.Append(new byte[size], long.MaxValue - size);
        Assert.InRange(assembler.Capacity, size, 4 * size);
    }

    [Fact]
    public void What_was_declared_is_held_at_once_when_enough_has_come()
    {
        using var assembler = new MessageAssembler();
        assembler.Append(new byte[1024], 3000);
        Assert.Equal(4096, assembler.Capacity);
        Assert.Equal(3000, assembler.GetTail(3000).Length);
    }

    [Fact]
    public void Nothing_is_held_for_nothing()
    {
        using var assembler = new MessageAssembler();
        assembler.Append([], long.MaxValue);
        Assert.Equal(0, assembler.Capacity);
        Assert.Empty(assembler.Detach(out int count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void An_empty_piece_does_not_grow_what_is_full()
    {
        using var assembler = new MessageAssembler();
        assembler.Append(new byte[1024], 0);
        assembler.Append([], 0);
        Assert.Equal(1024, assembler.Capacity);
    }

    [Fact]
    public void Clearing_gives_the_memory_back()
    {
        using var assembler = new MessageAssembler();
        assembler.Append(new byte[100], 0);
        assembler.Clear();
        Assert.Equal((0, 0), (assembler.Count, assembler.Capacity));
        assembler.Append("again"u8, 0);
        Assert.Equal("again"u8, assembler.Written);
    }
}
