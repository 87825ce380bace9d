using Wspy.Buffers;

namespace Wspy.Loop;

// Output queues for the connections that have something to wait: few at a time, so they are kept here and not with each connection.
internal sealed partial class EventLoop
{
    private const int MaxSpareQueues = 64;

    private readonly Stack<OutputQueue> _spareQueues = new();

    public OutputQueue RentQueue() => _spareQueues.TryPop(out OutputQueue? queue) ? queue : new OutputQueue();

    public void ReturnQueue(OutputQueue queue)
    {
        queue.Dispose();
        if (_spareQueues.Count < MaxSpareQueues)
        {
            _spareQueues.Push(queue);
        }
    }
}
