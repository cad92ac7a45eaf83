"""What people do beside the drawn way: ask opinions, hand work over, take a step back."""
