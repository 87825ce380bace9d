using Wspy.Buffers;

namespace Wspy.Loop;

// What other threads send where the oldest messages are dropped: it waits in a list of the connection's own, so that who posts can drop as well. While
// the loop is held up, nobody else could.
internal sealed partial class LoopConnection
{
    private PostedSends? _postedSends;

    private bool PostDroppable(in LoopWork work)
    {
        PostedSends sends = Volatile.Read(ref _postedSends) ?? Interlocked.CompareExchange(ref _postedSends, new PostedSends(), null) ?? _postedSends;
        bool dropped = false;
        lock (sends.Gate)
        {
            while (!CanJudgeLater(work.Length) && sends.Works.TryDequeue(out LoopWork oldest))
            {
                dropped = true;
                Discount(oldest.Length);
                if (oldest.Array is { } array)
                {
                    BufferPool.Return(array);
                }
            }

            Count(work.Length);
            sends.Works.Enqueue(work);
        }

        // In the place of a dropped one the loop finds this one.
        return dropped || _loop.Post(new LoopWork { Kind = LoopWorkKind.SendOldest, Connection = this });
    }

    private void RunSendOldest()
    {
        LoopWork oldest;
        lock (_postedSends!.Gate)
        {
            if (!_postedSends.Works.TryDequeue(out oldest))
            {
                // Several were dropped for one.
                return;
            }
        }

        Run(oldest);
    }

    private void Count(int length)
    {
        Interlocked.Increment(ref _postCount);
        Interlocked.Add(ref _posted, length);
    }

    private void Discount(int length)
    {
        Interlocked.Add(ref _posted, -length);
        Interlocked.Decrement(ref _postCount);
    }

    private sealed class PostedSends
    {
        public Lock Gate { get; } = new();

        public Queue<LoopWork> Works { get; } = new();
    }
}
