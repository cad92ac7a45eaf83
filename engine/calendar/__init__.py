"""Tell working time: days off and make-up days, hours, deadlines counted in them."""
