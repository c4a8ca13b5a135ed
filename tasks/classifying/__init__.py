"""What a request is: the safety screen, the kind, the grade, and the learned model beside the cues."""
