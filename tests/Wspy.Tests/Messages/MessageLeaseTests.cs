using System.Text;
using Wspy.Buffers;

namespace Wspy.Tests;

public class MessageLeaseTests
{
    [Fact]
    public void It_holds_a_copy_of_what_it_was_given_until_it_is_disposed()
    {
        byte[] source = "héllo"u8.ToArray();
        MessageLease lease = MessageLease.Copy(Opcode.Text, source);
        source.AsSpan().Clear();
        Assert.True(lease.IsText);
        Assert.Equal(Opcode.Text, lease.Opcode);
        Assert.Equal("héllo", lease.GetText());
        Message kept = lease.ToMessage();
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Payload);
        Assert.Throws<ObjectDisposedException>(lease.GetText);
        Assert.Throws<ObjectDisposedException>(lease.ToMessage);
        lease.Dispose();
        Assert.Equal("héllo", Assert.IsType<TextMessage>(kept).Text);
    }

    [Fact]
    public void It_gives_its_array_back_once()
    {
        byte[] array = BufferPool.Rent(100);
        array.AsSpan().Fill(7);
        var lease = new MessageLease(Opcode.Binary, array, 5);
        Assert.False(lease.IsText);
        Assert.Equal([7, 7, 7, 7, 7], lease.Payload.ToArray());
        Assert.Throws<DecoderFallbackException>(MessageLease.Copy(Opcode.Binary, [0xFF]).GetText);
        lease.Dispose();

        // Whoever has it now must not lose it to a second dispose.
        byte[] other = BufferPool.Rent(100);
        lease.Dispose();
        byte[] third = BufferPool.Rent(100);
        Assert.NotSame(other, third);
        BufferPool.Return(other);
        BufferPool.Return(third);
    }

    [Fact]
    public void An_empty_message_needs_no_memory()
    {
        using MessageLease lease = MessageLease.Copy(Opcode.Binary, []);
        Assert.True(lease.Payload.IsEmpty);
        Assert.Equal("", lease.GetText());
    }
}
